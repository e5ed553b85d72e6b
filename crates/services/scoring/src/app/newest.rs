use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use harken_domain::{ConversationId, ConversationStatus, CustomerId};

use super::{
    absorb_records::{Change, Record},
    rescore::Subject,
};
use crate::{
    outbound::postgres::{
        customers::Customer,
        signals::{ConversationSignal, Part},
    },
    rules::{Cause, Occasion},
};

/// The newest state of each record that a batch speaks about, with the weightiest of what happened to it.
#[derive(Debug, Default)]
pub(super) struct Newest {
    pub(super) customers: Vec<Customer>,
    pub(super) conversations: Vec<ConversationSignal>,
    customer_occasions: HashMap<CustomerId, Occasion>,
    conversation_occasions: HashMap<ConversationId, Occasion>,
    heard_at: Vec<DateTime<Utc>>,
}

impl Newest {
    pub(super) fn of(changes: impl Iterator<Item = Change>) -> Self {
        let mut newest = Self::default();
        let mut customers = HashMap::<CustomerId, (Customer, Option<Cause>)>::new();
        let mut conversations =
            HashMap::<ConversationId, (ConversationSignal, Option<Cause>)>::new();
        for change in changes {
            newest.heard_at.extend(change.heard_at);
            match change.record {
                Record::Customer(new) => {
                    let is_newer = |one: &Customer, other: &Customer| one.revision > other.revision;
                    keep(&mut customers, new.id, (new, change.cause), is_newer);
                }
                Record::Conversation(new) => {
                    let is_newer = |one: &ConversationSignal, other: &ConversationSignal| {
                        one.revision > other.revision
                    };
                    keep(
                        &mut conversations,
                        new.conversation,
                        (new, change.cause),
                        is_newer,
                    );
                }
            }
        }
        for (customer, cause) in customers.into_values() {
            let occasion = cause.map(|cause| (customer.id, Occasion::of(cause)));
            newest.customer_occasions.extend(occasion);
            newest.customers.push(customer);
        }
        for (conversation, cause) in conversations.into_values() {
            let occasion =
                cause.map(|cause| (conversation.conversation, occasion(cause, &conversation)));
            newest.conversation_occasions.extend(occasion);
            newest.conversations.push(conversation);
        }
        // In one order everywhere, so that neighbours in the tables are written together.
        newest.customers.sort_unstable_by_key(|it| it.id);
        newest
            .conversations
            .sort_unstable_by_key(|it| it.conversation);
        newest
    }

    /// Whom the changes that were taken concern, each once, with what happened.
    pub(super) fn subjects(
        &self,
        customers: &[CustomerId],
        parts: &BTreeSet<Part>,
    ) -> Vec<Subject> {
        let mut subjects = BTreeMap::<_, Option<Occasion>>::new();
        let mut add = |key, occasion: Option<&Occasion>| {
            let all = subjects.entry(key).or_default();
            *all = match (*all, occasion) {
                (Some(one), Some(other)) => Some(one.and(*other)),
                (one, None) => one,
                (None, other) => other.copied(),
            };
        };
        for customer in customers {
            if let Ok(at) = self.customers.binary_search_by_key(customer, |it| it.id) {
                let connection = self.customers[at].connection;
                add(
                    (connection, *customer),
                    self.customer_occasions.get(customer),
                );
            }
        }
        for part in parts {
            let occasion = self.conversation_occasions.get(&part.conversation);
            add((part.connection, part.customer), occasion);
        }
        subjects
            .into_iter()
            .map(|((connection, customer), occasion)| Subject {
                connection,
                customer,
                occasion,
            })
            .collect()
    }

    /// Counts what was taken, and how long after the edge heard of it, as of its commit.
    pub(super) fn measure(&self, committed_at: DateTime<Utc>) {
        let count = |kind, number: usize| {
            let number = u64::try_from(number).unwrap_or(u64::MAX);
            metrics::counter!("harken_scoring_records_total", "kind" => kind).increment(number);
        };
        count("contact", self.customers.len());
        count("conversation", self.conversations.len());
        let freshness = metrics::histogram!("harken_scoring_freshness_seconds");
        for heard_at in &self.heard_at {
            let took = (committed_at - heard_at).to_std().unwrap_or_default();
            freshness.record(took.as_secs_f64());
        }
    }
}

/// Keeps the newer state of a record and the weightier cause of both.
fn keep<K: std::hash::Hash + Eq, R>(
    known: &mut HashMap<K, (R, Option<Cause>)>,
    id: K,
    (new, cause): (R, Option<Cause>),
    is_newer: impl Fn(&R, &R) -> bool,
) {
    match known.entry(id) {
        std::collections::hash_map::Entry::Vacant(place) => {
            place.insert((new, cause));
        }
        std::collections::hash_map::Entry::Occupied(mut place) => {
            let (record, weightiest) = place.get_mut();
            *weightiest = (*weightiest).max(cause);
            if is_newer(&new, record) {
                *record = new;
            }
        }
    }
}

fn occasion(cause: Cause, conversation: &ConversationSignal) -> Occasion {
    let signal = conversation.heard.as_ref().map(|heard| &heard.signal);
    let took_secs = signal
        .filter(|signal| {
            cause == Cause::ConversationClosed && signal.status == ConversationStatus::Closed
        })
        .and_then(|signal| signal.resolution_secs);
    Occasion {
        took_secs,
        admin_spoke_last: signal.is_some_and(|signal| signal.unanswered_since.is_some()),
        ..Occasion::of(cause)
    }
}

#[cfg(test)]
mod tests {
    use harken_domain::{ConnectionId, OrganizationId, Revision};

    use super::*;

    fn told(revision: i64, cause: Cause) -> Change {
        Change {
            record: Record::Customer(Customer {
                organization: OrganizationId::derive(&[b"o"]),
                connection: ConnectionId::derive(&[b"c"]),
                id: CustomerId::derive(&[b"ada"]),
                external_id: "ada".to_owned(),
                revision: Revision(revision),
                profile: None,
            }),
            cause: Some(cause),
            heard_at: None,
        }
    }

    #[test]
    fn a_batch_keeps_the_newest_state_and_the_weightiest_cause_in_any_order() {
        let gone = told(2, Cause::ContactDeleted);
        let changed = told(3, Cause::ContactUpdated);
        for changes in [[gone.clone(), changed.clone()], [changed, gone]] {
            let newest = Newest::of(changes.into_iter());
            let customer = &newest.customers[0];
            assert_eq!(
                (newest.customers.len(), customer.revision),
                (1, Revision(3))
            );
            let subjects = newest.subjects(&[customer.id], &BTreeSet::new());
            let causes: Vec<_> = subjects
                .iter()
                .map(|subject| subject.occasion.map(|occasion| occasion.cause))
                .collect();
            assert_eq!(causes, [Some(Cause::ContactDeleted)]);
        }
    }

    #[test]
    fn only_whom_the_store_found_changed_is_scored_anew() {
        let newest = Newest::of([told(1, Cause::ContactUpdated)].into_iter());
        assert!(newest.subjects(&[], &BTreeSet::new()).is_empty());
    }
}
