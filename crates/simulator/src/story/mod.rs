//! A workspace's people and their conversations, computed from (seed, epoch, number) alone.
//!
//! Nothing is stored: any contact, company or conversation can be told from its number, and
//! the orders that lists need are arithmetic, so a million contacts cost no more memory than ten.

mod businesses;
mod cast;
mod chance;
mod companies;
mod conversations;
mod fates;
mod ids;
mod ladder;
mod names;
mod people;
mod permutation;
mod plots;
pub(crate) mod staff;
mod statistics;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod topics;

use cast::{Character, Customer, DECK, PEOPLE, TALKS};
pub(crate) use chance::{Chance, Seed};
use ladder::{DAY, Row};
use permutation::Permutation;

pub(crate) use companies::Company;
pub(crate) use conversations::{Author, Channel, Conversation, Participant};
pub(crate) use ids::{Ids, PARTS_EACH, Subject};
pub(crate) use ladder::Ladder;
pub(crate) use names::{escape_html, person_name};
pub(crate) use people::{Attributes, Note, Person, number_of_external_id, uuid_of};
pub(crate) use statistics::{Standing, State, Statistics};
pub(crate) use text::{article, plain_text, title};
pub(crate) use timeline::{Deed, Event, Priority, Timeline, Voice, Words};
pub(crate) use topics::{TOPICS_TOLD, tag_of};

/// What a story is told from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Premise {
    pub(crate) seed: u64,
    /// Unix seconds of the moment the story has reached.
    pub(crate) epoch: i64,
    pub(crate) contacts: u64,
    pub(crate) conversations: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Story {
    seed: Seed,
    premise: Premise,
    decks: u64,
    pub(crate) ids: Ids,
    /// Contacts by `updated_at`.
    pub(crate) contacts_by_update: Ladder,
    /// Contacts by `created_at`.
    pub(crate) contacts_by_creation: Ladder,
    /// Conversations by `updated_at`.
    pub(crate) conversations_by_update: Ladder,
    /// Companies that have users, by `last_request_at`.
    pub(crate) companies_by_request: Ladder,
    employment: Permutation,
    tail: Permutation,
}

/// Where things outside the decks stand: percent of them, and age in days.
type Spread<const N: usize> = [(u64, f64); N];

/// Contacts by their last change; most were last seen long ago.
const QUIET: Spread<4> = [(5, 3.1), (10, 12.2), (15, 45.3), (70, 200.0)];
const QUIET_CREATED: Spread<1> = [(100, 1050.0)];
const TAIL: Spread<3> = [(33, 42.5), (33, 71.5), (34, 107.5)];
const COMPANIES: Spread<1> = [(100, 30.0)];

fn roles(decks: u64, age_days: fn(&cast::Role) -> f64) -> impl Iterator<Item = Row> {
    dealt(decks, DECK.roles.iter().map(age_days))
}

/// A row for each slot of a deck.
fn dealt(decks: u64, ages: impl Iterator<Item = f64>) -> impl Iterator<Item = Row> {
    (0..).zip(ages).map(move |(slot, age_days)| Row {
        slot: Some(slot),
        count: decks,
        age_days,
    })
}

/// Rows for `total` things outside the decks; the last one takes what rounding leaves.
fn shares<const N: usize>(total: u64, spread: &'static Spread<N>) -> impl Iterator<Item = Row> {
    let mut left = total;
    spread
        .iter()
        .enumerate()
        .map(move |(index, &(percent, age_days))| {
            let count = if index + 1 == N {
                left
            } else {
                total * percent / 100
            };
            left -= count;
            Row {
                slot: None,
                count,
                age_days,
            }
        })
}

impl Story {
    pub(crate) fn new(premise: Premise) -> Self {
        let Premise {
            seed,
            epoch,
            contacts,
            ..
        } = premise;
        let seed = Seed::new(seed);
        // A conversation needs somebody to talk to.
        let conversations = if contacts == 0 {
            0
        } else {
            premise.conversations
        };
        let decks = (contacts / PEOPLE).min(conversations / TALKS);
        let quiet = contacts - decks * PEOPLE;
        let tail = conversations - decks * TALKS;
        let with_users = contacts / companies::BLOCK * companies::WITH_USERS;
        let ladder =
            |label, deck, rows, span| Ladder::new(seed.of(label, 0), epoch, deck, rows, span);
        let moved = roles(decks, |role| role.moved_days).chain(shares(quiet, &QUIET));
        let created = roles(decks, |role| role.created_days).chain(shares(quiet, &QUIET_CREATED));
        let talks = DECK.talks.iter().map(|talk| talk.age_days);
        let talks = dealt(decks, talks).chain(shares(tail, &TAIL));
        let companies = shares(with_users, &COMPANIES);
        Self {
            seed,
            premise: Premise {
                conversations,
                ..premise
            },
            decks,
            ids: Ids::new(seed),
            contacts_by_update: ladder("contact moved", PEOPLE, moved.collect(), (690.0, 0.02)),
            contacts_by_creation: ladder(
                "contact created",
                PEOPLE,
                created.collect(),
                (1400.0, 15.0),
            ),
            conversations_by_update: ladder("conversation", TALKS, talks.collect(), (122.0, 1.1)),
            companies_by_request: ladder("company seen", 1, companies.collect(), (90.0, 0.05)),
            employment: Permutation::new(seed.of("employment", 0), contacts.max(1)),
            tail: Permutation::new(seed.of("tail", 0), contacts.max(1)),
        }
    }

    pub(crate) fn premise(&self) -> Premise {
        self.premise
    }

    /// Unix seconds of a merge, and the number of the contact the lead became; one lead a deck.
    pub(crate) fn merge(&self, lead: u64) -> Option<(i64, u64)> {
        let at = self.premise.epoch - 80 * DAY + self.chance("merge", lead).between(0, 10 * DAY);
        (lead < self.decks).then(|| (at, lead * PEOPLE + cast::SURVIVOR))
    }

    /// The merged lead that became this contact.
    pub(crate) fn merged_into(&self, contact: u64) -> Option<u64> {
        let dealt = contact < self.decks * PEOPLE && contact % PEOPLE == cast::SURVIVOR;
        dealt.then_some(contact / PEOPLE)
    }

    /// Numbers of conversations that were deleted before the story's epoch, newest first.
    pub(crate) fn deleted_conversations(&self) -> impl Iterator<Item = (u64, i64)> + '_ {
        (0..self.decks * 2).map(|which| {
            let at = self.premise.epoch - DAY - i64::try_from(which).unwrap_or(0) * 7_013;
            (self.premise.conversations + (1 << 28) + which, at)
        })
    }

    /// Numbers of the conversations a contact takes part in.
    pub(crate) fn conversations_of(&self, contact: u64) -> Vec<u64> {
        let mut numbers = Vec::new();
        if contact < self.decks * PEOPLE {
            let (deck, slot) = (contact / PEOPLE, contact % PEOPLE);
            let talks = &DECK.talks_of[usize::try_from(slot).unwrap_or(0)];
            numbers.extend(talks.iter().map(|talk| deck * TALKS + talk));
        }
        if contact < self.premise.contacts && self.was_there(contact) {
            let tail = self.premise.conversations - self.decks * TALKS;
            let first = self.tail.inverse(contact);
            let step = usize::try_from(self.premise.contacts).unwrap_or(usize::MAX);
            let places = (first..tail).step_by(step);
            numbers.extend(places.map(|place| self.decks * TALKS + place));
        }
        numbers
    }

    /// Whether a contact is old enough for conversations outside the decks.
    fn was_there(&self, contact: u64) -> bool {
        self.role(contact)
            .is_none_or(|role| role.character != Character::Newcomer)
    }

    /// The customer of a conversation and, in a group, the second one's contact number.
    fn customers_of(&self, conversation: u64) -> (Subject, Option<u64>) {
        if conversation < self.decks * TALKS {
            let (deck, slot) = (conversation / TALKS, conversation % TALKS);
            let talk = &DECK.talks[usize::try_from(slot).unwrap_or(0)];
            let customer = match talk.customer {
                Customer::Person(person) => Subject::Contact(deck * PEOPLE + person),
                Customer::Ghost => Subject::Ghost(conversation),
                Customer::Merged(_) => Subject::Merged(deck),
            };
            return (customer, talk.also.map(|also| deck * PEOPLE + also));
        }
        let place = conversation - self.decks * TALKS;
        let contact = self.tail.forward(place % self.premise.contacts.max(1));
        if self.was_there(contact) {
            (Subject::Contact(contact), None)
        } else {
            (Subject::Ghost(conversation), None)
        }
    }

    fn role(&self, contact: u64) -> Option<&'static cast::Role> {
        let slot = usize::try_from(contact % PEOPLE).unwrap_or(0);
        (contact < self.decks * PEOPLE).then(|| &DECK.roles[slot])
    }

    fn chance(&self, label: &str, number: u64) -> Chance {
        self.seed.of(label, number).chance()
    }
}
