//! A run: claimed by a worker, read step by step, saved with each batch of rows, and ended with a verdict.

mod companies;
mod contacts;
mod conversations;
mod customers;
mod definitions;
mod desk;
mod ending;
mod fetch;
mod incremental;
mod ledger;
mod notes;
mod patience;
mod routing;
mod worker;

use harken_intercom::ReadError;
use harken_store::outbox::OutboxError;

pub(crate) use self::worker::Worker;
use self::{desk::Desk, ledger::Ledger};
use crate::{
    outbound::postgres::{
        StoreError,
        gaps::{Gap, GapKind},
    },
    rules::{checkpoint::Checkpoint, counts::Kind, failure},
};

/// Why a run does not go on here.
#[derive(Debug)]
enum Halt {
    /// Somebody else has it, or it was ended.
    Lost,
    /// The process stops; another goes on.
    Stopping,
    /// It cannot succeed, in words.
    Failed(String),
    /// The store gave no answer; later may help.
    Store(StoreError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Halt {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<OutboxError> for Halt {
    fn from(error: OutboxError) -> Self {
        Self::Store(error.into())
    }
}

/// The gap that is left where a list could not be read that a run can do without. `what` tells it from others of its kind.
fn without(desk: &Desk, kind: Kind, what: &str, error: &ReadError) -> Gap {
    desk.notes.warning(
        format!("Goes on without {}: {error}", kind.as_str()),
        error.request_id(),
    );
    Gap {
        kind: GapKind::List(kind),
        external_id: what.to_owned(),
        reason: failure::words(kind, error),
    }
}

/// Goes from where the run stands to its end.
async fn walk(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    loop {
        match ledger.checkpoint().clone() {
            Checkpoint::Tags => routing::tags(desk, ledger).await?,
            Checkpoint::Admins => routing::admins(desk, ledger).await?,
            Checkpoint::Teams => routing::teams(desk, ledger).await?,
            Checkpoint::Definitions => definitions::read(desk, ledger).await?,
            Checkpoint::Companies { generation, scroll } => {
                companies::read(desk, ledger, generation, scroll).await?;
            }
            Checkpoint::Contacts { after } => contacts::read(desk, ledger, after).await?,
            Checkpoint::Conversations(frontier) => {
                conversations::read(desk, ledger, frontier).await?;
            }
            Checkpoint::Incremental(place) => incremental::read(desk, ledger, place).await?,
            Checkpoint::Finished => return Ok(()),
        }
    }
}
