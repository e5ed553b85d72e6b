use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId};
use harken_store::inbox;

use super::{Scoring, newest::Newest, rescore::rescore};
use crate::{
    outbound::postgres::{
        configurations,
        connections::{self, Entered},
        customers::{self, Customer},
        error::StoreError,
        planning::begin_by_keys,
        scores::Trigger,
        signals::{self, ConversationSignal},
    },
    rules::Cause,
};

/// Who claims messages in the inbox.
const CONSUMER: &str = "scoring-records";

/// The changes that one message told.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    pub(crate) message_id: String,
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) changes: Vec<Change>,
    /// Whether every change of the message is here. A message that is not whole is never claimed: mended and sent
    /// again, it takes effect.
    pub(crate) is_whole: bool,
}

/// A record as it is after a change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) record: Record,
    /// Why it changed; `None` where that is not told.
    pub(crate) cause: Option<Cause>,
    /// When the edge heard of it; `None` for what a run or a repair read.
    pub(crate) heard_at: Option<DateTime<Utc>>,
}

/// What a score hears of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    Customer(Customer),
    Conversation(ConversationSignal),
}

/// What became of a batch of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absorbed {
    /// Customers whose facts changed.
    pub(crate) customers: usize,
    /// Customers whose score moved.
    pub(crate) moved: usize,
}

impl Scoring {
    /// Takes what changed into the signals and scores the customers anew whom it concerns, all in one transaction.
    pub(crate) async fn absorb_records(
        &self,
        messages: Vec<Records>,
    ) -> Result<Absorbed, StoreError> {
        let mut tx = begin_by_keys(&self.store).await?;
        let connections: BTreeMap<_, _> = messages
            .iter()
            .map(|message| (message.connection, message.organization))
            .collect();
        let entered = connections::enter(&mut tx, &connections).await?;
        let messages = unclaimed(&mut tx, messages).await?;
        let newest = Newest::of(welcome(messages, &entered));
        let customers = customers::absorb(&mut tx, &newest.customers).await?;
        let parts = signals::absorb(&mut tx, &newest.conversations).await?;
        let subjects = newest.subjects(&customers, &parts);
        let configurations = configurations::of_entered(&mut tx, &entered).await?;
        let now = self.clock.now();
        let moved = rescore(
            &mut tx,
            &subjects,
            configurations,
            Trigger::RecordChanged,
            now,
        )
        .await?;
        tx.commit().await?;
        newest.measure(self.clock.now());
        Ok(Absorbed {
            customers: subjects.len(),
            moved,
        })
    }
}

/// Claims the messages; answers those whose effect is still owed.
async fn unclaimed(
    db: &mut sqlx::PgConnection,
    messages: Vec<Records>,
) -> Result<Vec<Records>, sqlx::Error> {
    let ids: Vec<String> = messages
        .iter()
        .filter(|message| message.is_whole)
        .map(|message| message.message_id.clone())
        .collect();
    let mut is_first = inbox::claim(db, CONSUMER, &ids).await?.into_iter();
    Ok(messages
        .into_iter()
        .filter(|message| !message.is_whole || is_first.next().unwrap_or(false))
        .collect())
}

/// The changes of all messages but those that come too late for a connection whose every trace is erased.
fn welcome(messages: Vec<Records>, entered: &[Entered]) -> impl Iterator<Item = Change> {
    messages
        .into_iter()
        .filter(|message| {
            !entered
                .iter()
                .any(|it| it.is_erased && it.connection == message.connection)
        })
        .flat_map(|message| message.changes)
}
