//! What changed since the last run, in steps of its own.

mod ahead;
mod companies;
mod contacts;
mod conversations;
mod deleted;
mod open;
mod refetch;
mod routing;
mod vanished;
mod watch;

use sqlx::{Postgres, Transaction};

pub(super) use self::ahead::Ahead;

use super::{Desk, Halt, Ledger, ledger::Entry};
use crate::{
    outbound::postgres::{drift, gaps::Gap},
    rules::{
        checkpoint::Checkpoint,
        counts::Counts,
        drift::{DriftCause, DriftTally},
        incremental::{Place, Step},
    },
};

/// Reads the step at which the run stands; what was asked for `ahead` is not asked for again.
pub(super) async fn read(
    desk: &Desk,
    ledger: &mut Ledger,
    place: Place,
    ahead: &mut Ahead,
) -> Result<(), Halt> {
    match place.at.clone() {
        Step::Routing => routing::read(desk, ledger, &place).await,
        Step::Contacts => contacts::read(desk, ledger, &place, ahead).await,
        Step::Conversations { slice } => conversations::read(desk, ledger, &place, slice).await,
        Step::Deleted => deleted::read(desk, ledger, &place, ahead).await,
        Step::Open { slice, pages } => open::read(desk, ledger, &place, (slice, pages)).await,
        Step::Companies => companies::read(desk, ledger, &place).await,
        Step::Vanished => vanished::read(desk, ledger, &place, ahead).await,
    }
}

/// Closes a full run that has read everything: what changed or went behind its back is made up for.
pub(super) async fn close(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    pass(desk, ledger, Some(Place::close(desk.bound_at))).await
}

/// What a batch changes of the run, beside its rows.
struct Saved {
    /// Where it goes on; none: it is done.
    next: Option<Place>,
    counts: Counts,
    gaps: Vec<Gap>,
    drift: DriftTally,
}

/// Commits rows together with what they mean for the run.
async fn save(
    desk: &Desk,
    ledger: &mut Ledger,
    mut tx: Transaction<'static, Postgres>,
    saved: Saved,
) -> Result<(), Halt> {
    let Saved {
        next,
        counts,
        gaps,
        drift,
    } = saved;
    if drift != DriftTally::default() && !drift::add(&mut tx, desk.run, desk.owner, &drift).await? {
        return Err(Halt::Lost);
    }
    let entry = Entry {
        checkpoint: next.map_or(Checkpoint::Finished, Checkpoint::Incremental),
        counts,
        gaps,
    };
    ledger.commit(desk, tx, entry).await?;
    for cause in DriftCause::ALL {
        metrics::counter!("harken_sync_drift_total", "cause" => cause.as_str())
            .increment(drift.of(cause));
    }
    Ok(())
}

/// Goes on with the next step without having written anything.
async fn pass(desk: &Desk, ledger: &mut Ledger, next: Option<Place>) -> Result<(), Halt> {
    let saved = Saved {
        next,
        counts: ledger.counts().clone(),
        gaps: Vec::new(),
        drift: DriftTally::default(),
    };
    save(desk, ledger, desk.sync.store.begin().await?, saved).await
}
