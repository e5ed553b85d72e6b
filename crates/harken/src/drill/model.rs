//! The reference: what the mirror has to hold once it has taken in some steps of a story, in whatever order.

use std::collections::BTreeMap;

use super::story::{Change, Contact, Head, Said, Step};

/// One customer as the mirror has to know it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) contact: Known<Contact>,
    pub(super) conversations: BTreeMap<u8, Known<Conversation>>,
}

/// A record as far as it was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Known<T> {
    /// Nothing was told of it.
    #[default]
    Untold,
    There(T),
    /// It was deleted, and nothing brings it back.
    Gone,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Conversation {
    pub(super) head: Head,
    /// By number.
    pub(super) parts: BTreeMap<u8, Said>,
}

impl Model {
    pub(super) fn fold<'s>(steps: impl IntoIterator<Item = &'s Step>) -> Self {
        let mut model = Self::default();
        for step in steps {
            model.take(step.change);
        }
        model
    }

    fn take(&mut self, change: Change) {
        match change {
            Change::Contact(contact) => match &mut self.contact {
                Known::There(held) if held.updated_at >= contact.updated_at => {}
                Known::Gone => {}
                held => *held = Known::There(contact),
            },
            Change::ContactDeleted => self.contact = Known::Gone,
            Change::Conversation {
                ordinal,
                head,
                said,
            } => self
                .conversations
                .entry(ordinal)
                .or_default()
                .tell(head, said),
            Change::ConversationDeleted { ordinal } => {
                self.conversations.insert(ordinal, Known::Gone);
            }
        }
    }
}

impl Known<Conversation> {
    fn tell(&mut self, head: Head, said: Option<Said>) {
        if matches!(self, Self::Untold) {
            let parts = BTreeMap::new();
            *self = Self::There(Conversation { head, parts });
        }
        let Self::There(known) = self else {
            return;
        };
        if head.updated_at > known.head.updated_at {
            known.head = head;
        }
        let Some(said) = said else {
            return;
        };
        let part = known.parts.entry(said.number).or_insert(said);
        if said.redacted {
            *part = said;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::drill::story::{Story, World};

    const WORLD: World = World {
        seed: 11,
        epoch: 1_790_000_000,
    };

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            customer in 0_u32..5_000,
            picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..200),
        ) {
            let steps = Story::of(WORLD, customer).steps;
            let mut picked: Vec<usize> = picks.iter().map(|pick| pick.index(steps.len())).collect();
            let shuffled = Model::fold(picked.iter().map(|place| &steps[*place]));
            picked.sort_unstable();
            picked.dedup();
            let in_order = Model::fold(picked.iter().map(|place| &steps[*place]));
            prop_assert_eq!(shuffled, in_order);
        }
    }

    #[test]
    fn a_whole_story_ends_in_its_last_states() {
        for customer in 0..500 {
            let story = Story::of(WORLD, customer);
            let model = Model::fold(&story.steps);
            for (ordinal, known) in &model.conversations {
                let Known::There(conversation) = known else {
                    continue;
                };
                let last = story.steps.iter().rev().find_map(|step| match step.change {
                    Change::Conversation {
                        ordinal: of, head, ..
                    } if of == *ordinal => Some(head),
                    _ => None,
                });
                assert_eq!(Some(conversation.head), last);
                assert_eq!(
                    conversation.parts.len(),
                    usize::from(conversation.head.parts)
                );
            }
        }
    }
}
