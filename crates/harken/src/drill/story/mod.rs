//! What happens in the workspace that a drill makes up. A customer's whole life follows from the drill's seed and the
//! customer's number, so that nothing of it has to be remembered between sending it and looking for it.

mod ids;
mod life;
mod state;
mod words;

pub(super) use ids::{ContactName, ConversationName, PartName};
pub(super) use state::{Author, Contact, Head, Said, Status};
pub(super) use words::{agent_name, sentence};

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// What every story of a drill is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct World {
    pub(super) seed: u64,
    /// When the drill began, in Unix seconds: everything told happened before.
    pub(super) epoch: i64,
}

/// The life of one customer, step by step. Each step is told by one notification.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) customer: u32,
    pub(super) steps: Vec<Step>,
}

/// Something that happened, with the record as it was afterwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Intercom's topic.
    pub(super) topic: &'static str,
    /// When, in Unix seconds; grows from step to step of a record.
    pub(super) at: i64,
    pub(super) change: Change,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Contact(Contact),
    ContactDeleted,
    Conversation {
        ordinal: u8,
        head: Head,
        /// The part that the notification carries; none when a conversation begins.
        said: Option<Said>,
    },
    ConversationDeleted {
        ordinal: u8,
    },
}

impl Story {
    pub(super) fn of(world: World, customer: u32) -> Self {
        let chance = StdRng::seed_from_u64(world.seed ^ (u64::from(customer) << 20));
        Self {
            customer,
            steps: life::live(chance, world.epoch, customer),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const WORLD: World = World {
        seed: 7,
        epoch: 1_790_000_000,
    };

    #[test]
    fn a_story_is_told_the_same_way_each_time() {
        for customer in 0..50 {
            let told = format!("{:?}", Story::of(WORLD, customer));
            assert_eq!(told, format!("{:?}", Story::of(WORLD, customer)));
        }
        assert_ne!(
            format!("{:?}", Story::of(WORLD, 1).steps),
            format!("{:?}", Story::of(WORLD, 2).steps)
        );
    }

    #[test]
    fn every_kind_of_notification_is_among_them() {
        let mut topics: HashMap<&str, u32> = HashMap::new();
        for step in (0..2_000).flat_map(|customer| Story::of(WORLD, customer).steps) {
            *topics.entry(step.topic).or_default() += 1;
            assert!(step.at <= WORLD.epoch);
        }
        for topic in [
            "contact.user.created",
            "contact.user.updated",
            "contact.deleted",
            "conversation.user.created",
            "conversation.user.replied",
            "conversation.admin.replied",
            "conversation.operator.replied",
            "conversation.admin.noted",
            "conversation.admin.assigned",
            "conversation.admin.closed",
            "conversation.admin.opened",
            "conversation.rating.added",
            "conversation.priority.updated",
            "conversation_part.redacted",
            "conversation.deleted",
        ] {
            assert!(topics.contains_key(topic), "{topic}: {topics:?}");
        }
    }

    /// What has one time may not have two contents: nothing but chance could tell which is newer.
    #[test]
    fn two_states_of_a_record_never_share_a_moment() {
        for customer in 0..500 {
            let mut seen: HashMap<(Option<u8>, i64), String> = HashMap::new();
            for step in Story::of(WORLD, customer).steps {
                let (record, state) = match step.change {
                    Change::Contact(contact) => (None, format!("{contact:?}")),
                    Change::Conversation { ordinal, head, .. } => {
                        (Some(ordinal), format!("{head:?}"))
                    }
                    Change::ContactDeleted | Change::ConversationDeleted { .. } => continue,
                };
                let before = seen.insert((record, step.at), state.clone());
                assert!(before.is_none_or(|before| before == state), "{customer}");
            }
        }
    }
}
