//! A run: claimed by a worker, read step by step, saved with each batch of rows, and ended with a verdict.

mod again;
mod book;
mod companies;
mod contacts;
mod conversations;
mod customers;
mod definitions;
mod desk;
mod ending;
mod fetch;
mod gate;
mod incremental;
mod ledger;
mod notes;
mod patience;
mod routing;
mod worker;

use futures::{FutureExt as _, try_join};
use harken_intercom::ReadError;
use harken_store::outbox::OutboxError;

pub(crate) use self::worker::Worker;
use self::{
    book::Book,
    conversations::{Before, Rounds},
    desk::Desk,
    gate::gate,
    incremental::Ahead,
    ledger::Ledger,
};
use crate::{
    outbound::postgres::{
        StoreError,
        gaps::{Gap, GapKind},
    },
    rules::{
        checkpoint::{Checkpoint, Places},
        counts::Kind,
        failure,
        lacking::Lack,
    },
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
    /// What it waits for will not come: another step failed and tells why.
    Blocked,
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
    let permission = failure::permission(match what {
        "conversation" => Kind::Conversations,
        _ => kind,
    });
    desk.notes.warning(
        format!("Goes on without {}: {error}", kind.as_str()),
        error.request_id(),
    );
    desk.notes.miss(permission, error);
    Gap {
        kind: GapKind::List(kind),
        external_id: what.to_owned(),
        lack: Lack::of(error),
        reason: failure::words_about(kind.as_str(), permission, error),
        request_id: error.request_id().map(str::to_owned),
    }
}

/// Goes from where the run stands to its end.
async fn walk(desk: &Desk, ledger: &mut Ledger) -> Result<(), Halt> {
    let mut ahead = Ahead::default();
    loop {
        match ledger.checkpoint().clone() {
            Checkpoint::Everything(places) => {
                ahead = read_everything(desk, ledger, places).await?;
                incremental::close(desk, ledger).await?;
            }
            Checkpoint::Incremental(place) => {
                incremental::read(desk, ledger, place, &mut ahead).await?;
            }
            Checkpoint::Finished => return Ok(()),
        }
    }
}

/// Reads everything, all steps at once, and the beginning of what closes the run. Where one cannot succeed, the others still
/// go as far as they get without it.
async fn read_everything(desk: &Desk, ledger: &mut Ledger, places: Places) -> Result<Ahead, Halt> {
    let book = Book::new(ledger, places);
    let (tags, tags_known) = gate();
    let (companies, companies_read) = gate();
    let (contacts, contacts_read) = gate();
    let (catching_up, begun) = gate();
    let (nothing_changed, quiet) = gate();
    let before = Before {
        tags: tags_known.clone(),
        contacts: contacts_read.clone(),
        catching_up: [companies_read, contacts_read],
    };
    let rounds = Rounds {
        catching_up: Some(catching_up),
        nothing_changed: Some(nothing_changed),
    };
    let (lists, definitions, companies, contacts, conversations, ahead) = try_join!(
        failure_of(routing::read(desk, &book, tags)).boxed(),
        failure_of(definitions::read(desk, &book)).boxed(),
        failure_of(companies::read(desk, &book, companies)).boxed(),
        failure_of(contacts::read(desk, &book, tags_known, contacts)).boxed(),
        failure_of(conversations::read(desk, &book, before, rounds)).boxed(),
        Ahead::ask(desk, begun, quiet).map(Ok).boxed(),
    )?;
    let failures = [lists, definitions, companies, contacts, conversations];
    let first = failures.into_iter().flatten().next();
    first.map_or(Ok(ahead), |reason| Err(Halt::Failed(reason)))
}

/// Why a step failed; none if it succeeded, or is held up by another that failed.
async fn failure_of(step: impl Future<Output = Result<(), Halt>>) -> Result<Option<String>, Halt> {
    match step.await {
        Ok(()) | Err(Halt::Blocked) => Ok(None),
        Err(Halt::Failed(reason)) => Ok(Some(reason)),
        Err(halt) => Err(halt),
    }
}
