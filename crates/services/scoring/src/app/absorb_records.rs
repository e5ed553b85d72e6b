use std::collections::HashMap;

use harken_domain::{ConnectionId, ConversationId, CustomerId, OrganizationId};
use harken_store::inbox;

use super::{Scoring, rescore::rescore};
use crate::outbound::postgres::{
    connections,
    customers::{self, Customer},
    error::StoreError,
    planning::plan_afresh,
    scores::Trigger,
    signals::{self, ConversationSignal},
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
pub(crate) enum Change {
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
        let mut tx = self.store.begin().await?;
        plan_afresh(&mut tx).await?;
        let connections: Vec<_> = messages
            .iter()
            .map(|message| (message.connection, message.organization))
            .collect();
        connections::enter(&mut tx, &connections).await?;
        let messages = unclaimed(&mut tx, messages).await?;
        let newest = Newest::of(messages);
        let connection_of: HashMap<_, _> = newest
            .customers
            .iter()
            .map(|customer| (customer.id, customer.connection))
            .collect();
        let mut touched: Vec<_> = customers::absorb(&mut tx, &newest.customers)
            .await?
            .into_iter()
            .filter_map(|customer| Some((*connection_of.get(&customer)?, customer)))
            .collect();
        touched.extend(signals::absorb(&mut tx, &newest.conversations).await?);
        touched.sort_unstable();
        touched.dedup();
        let moved = rescore(&mut tx, &touched, Trigger::RecordChanged, self.clock.now()).await?;
        tx.commit().await?;
        newest.count();
        Ok(Absorbed {
            customers: touched.len(),
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

/// The newest state of each record that a batch speaks about.
#[derive(Debug, Default)]
struct Newest {
    customers: Vec<Customer>,
    conversations: Vec<ConversationSignal>,
}

impl Newest {
    fn of(messages: Vec<Records>) -> Self {
        let mut customers = HashMap::<CustomerId, Customer>::new();
        let mut conversations = HashMap::<ConversationId, ConversationSignal>::new();
        for change in messages.into_iter().flat_map(|message| message.changes) {
            match change {
                Change::Customer(new) => {
                    let known = customers.get(&new.id);
                    if known.is_none_or(|known| known.revision < new.revision) {
                        customers.insert(new.id, new);
                    }
                }
                Change::Conversation(new) => {
                    let known = conversations.get(&new.conversation);
                    if known.is_none_or(|known| known.revision < new.revision) {
                        conversations.insert(new.conversation, new);
                    }
                }
            }
        }
        let mut newest = Self {
            customers: customers.into_values().collect(),
            conversations: conversations.into_values().collect(),
        };
        // In one order everywhere, so that neighbours in the tables are written together.
        newest
            .customers
            .sort_unstable_by_key(|customer| customer.id);
        newest
            .conversations
            .sort_unstable_by_key(|conversation| conversation.conversation);
        newest
    }

    fn count(&self) {
        let count = |kind, number: usize| {
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            metrics::counter!("harken_scoring_records_total", "kind" => kind).increment(number);
        };
        count("contact", self.customers.len());
        count("conversation", self.conversations.len());
    }
}
