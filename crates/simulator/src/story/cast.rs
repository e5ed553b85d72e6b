//! The deck every story is dealt from: 50 people of every kind and their 200 conversations.
//!
//! Ages are days before the epoch. They decide the health a score should find, so that each
//! deck has 28 healthy, 12 at risk, 6 critical and 4 people nobody can judge.

use std::sync::LazyLock;

use super::fates::plots;

pub(crate) const PEOPLE: u64 = 50;
pub(crate) const TALKS: u64 = 200;

/// How a customer fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Character {
    Champion,
    Steady,
    Newcomer,
    SelfServed,
    Occasional,
    Waiting,
    Fading,
    Bouncing,
    Burning,
    Leaving,
    /// Never wrote; nobody can judge their health.
    Silent,
}

/// How a conversation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plot {
    /// Asked, answered, closed.
    Answered,
    /// Solved by the bot alone.
    BotSolved,
    /// Begun by the bot, finished by a person, closed.
    HandedOver,
    /// Open; the customer spoke last.
    WaitsForUs,
    /// Open; a teammate asked last and hears nothing.
    WaitsForCustomer,
    Snoozed,
    /// Closed and reopened as often as given; closed at the end or not.
    Reopened {
        times: u8,
        closed: bool,
    },
    /// A message from the team that nobody answered.
    Outbound,
    /// More parts than Intercom shows.
    Marathon,
}

/// Who the customer of a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Customer {
    Person(u64),
    /// Someone whose contact was deleted.
    Ghost,
    /// A lead since merged into the person in this slot.
    Merged(u64),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    pub(crate) character: Character,
    /// Age of `updated_at`.
    pub(crate) moved_days: f64,
    pub(crate) seen_days: f64,
    pub(crate) created_days: f64,
    pub(crate) lead: bool,
    pub(crate) email: Email,
    pub(crate) many_tags: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Email {
    Valid,
    Missing,
    Empty,
    Broken,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Talk {
    pub(crate) customer: Customer,
    /// A second participant, from the same deck.
    pub(crate) also: Option<u64>,
    pub(crate) plot: Plot,
    pub(crate) age_days: f64,
}

#[derive(Debug)]
pub(crate) struct Deck {
    pub(crate) roles: Vec<Role>,
    pub(crate) talks: Vec<Talk>,
    /// Slots of the talks each person takes part in.
    pub(crate) talks_of: Vec<Vec<u64>>,
}

pub(crate) static DECK: LazyLock<Deck> = LazyLock::new(deal);

/// The person a deck's merged lead became.
pub(crate) const SURVIVOR: u64 = 9;

const CAST: [(Character, u64); 11] = [
    (Character::Champion, 8),
    (Character::Steady, 9),
    (Character::Newcomer, 5),
    (Character::SelfServed, 4),
    (Character::Occasional, 2),
    (Character::Waiting, 5),
    (Character::Fading, 4),
    (Character::Bouncing, 3),
    (Character::Burning, 4),
    (Character::Leaving, 2),
    (Character::Silent, 4),
];

#[expect(clippy::cast_precision_loss, reason = "a deck has 50 people")]
fn deal() -> Deck {
    let (mut roles, mut talks) = (Vec::new(), Vec::new());
    for (character, count) in CAST {
        for which in 0..count {
            let slot = roles.len() as u64;
            let shade = which as f64 / count as f64;
            roles.push(role(character, which, slot, shade));
            for (age_days, plot) in plots(character, which, shade) {
                talks.push(Talk {
                    customer: Customer::Person(slot),
                    also: None,
                    plot,
                    age_days,
                });
            }
        }
    }
    talks[6].also = Some(2);
    let apart = [
        (Customer::Ghost, Plot::Answered, 17.3),
        (Customer::Ghost, Plot::WaitsForUs, 29.4),
        (Customer::Merged(SURVIVOR), Plot::Answered, 86.2),
        (Customer::Person(SURVIVOR + 1), Plot::Outbound, 33.7),
    ];
    talks.extend(apart.map(|(customer, plot, age_days)| Talk {
        customer,
        also: None,
        plot,
        age_days,
    }));
    let talks_of = (0..PEOPLE)
        .map(|person| taking_part(&talks, person))
        .collect();
    Deck {
        roles,
        talks,
        talks_of,
    }
}

fn taking_part(talks: &[Talk], person: u64) -> Vec<u64> {
    let takes_part =
        |talk: &Talk| talk.customer == Customer::Person(person) || talk.also == Some(person);
    (0..)
        .zip(talks)
        .filter(|(_, talk)| takes_part(talk))
        .map(|(slot, _)| slot)
        .collect()
}

fn role(character: Character, which: u64, slot: u64, shade: f64) -> Role {
    let (moved_days, seen_days) = match character {
        Character::Champion => (0.05 + 0.9 * shade, 0.06 + 0.9 * shade),
        Character::Steady => (1.1 + 3.3 * shade, 1.2 + 3.5 * shade),
        Character::Newcomer => (0.15 + 2.0 * shade, 0.2 + 2.0 * shade),
        Character::SelfServed => (0.9 + 4.0 * shade, 1.0 + 4.2 * shade),
        Character::Occasional => (7.5 + 5.0 * shade, 8.0 + 5.0 * shade),
        Character::Waiting => (2.6 + 2.0 * shade, 6.0 + 5.0 * shade),
        Character::Fading => (24.0 + 6.0 * shade, 26.0 + 10.0 * shade),
        Character::Bouncing => (0.5 + 1.5 * shade, 2.0 + 3.0 * shade),
        Character::Burning => (0.6 + shade * 0.5, 16.0 + 8.0 * shade),
        Character::Leaving => (11.0 + 1.4 * shade, 42.0 + 10.0 * shade),
        Character::Silent => (2.3 + 50.0 * shade, 2.4 + 52.0 * shade),
    };
    let created_days = match character {
        Character::Newcomer => 18.0 + 3.0 * shade,
        _ => 180.0 + 16.0 * shuffled(slot),
    };
    Role {
        character,
        moved_days,
        seen_days,
        created_days,
        lead: matches!(
            (character, which),
            (Character::Newcomer, 3) | (Character::Occasional, 1) | (Character::Silent, 2 | 3)
        ),
        email: match (character, which) {
            (Character::Occasional, 1) => Email::Missing,
            (Character::Silent, 2) => Email::Empty,
            (Character::SelfServed, 3) => Email::Broken,
            _ => Email::Valid,
        },
        many_tags: matches!((character, which), (Character::Champion, 1)),
    }
}

/// Spreads neighbouring slots apart: 0 to 49, each once.
#[expect(clippy::cast_precision_loss, reason = "a deck has 50 people")]
fn shuffled(slot: u64) -> f64 {
    ((slot * 17 + 5) % PEOPLE) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deck_has_the_size_it_promises() {
        assert_eq!(DECK.roles.len() as u64, PEOPLE);
        assert_eq!(DECK.talks.len() as u64, TALKS);
    }

    #[test]
    fn nobody_writes_after_their_record_last_moved() {
        for (slot, role) in DECK.roles.iter().enumerate() {
            for &talk in &DECK.talks_of[slot] {
                assert!(role.moved_days < DECK.talks[usize::try_from(talk).unwrap()].age_days);
            }
        }
    }

    #[test]
    fn only_the_silent_have_no_conversation() {
        for (role, talks) in DECK.roles.iter().zip(&DECK.talks_of) {
            assert_eq!(talks.is_empty(), role.character == Character::Silent);
        }
    }
}
