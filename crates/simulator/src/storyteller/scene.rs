//! What plausibly comes next.

use crate::story::staff::{ADMINS, tag_by_id};
use crate::story::{
    Chance, Channel, Conversation, Deed, Event, Priority, Standing, State, TOPICS_TOLD, Voice,
    Words, person_name, tag_of, uuid_of,
};
use crate::world::{Added, Change, Edit, Span, Started, View};

/// How far back conversations still go on.
const RECENT: usize = 200;

#[derive(Debug)]
pub(super) enum Scene {
    Change(Change),
    /// Somebody new writes.
    Stranger(Added, Started),
}

/// The next scene of a workspace as `view` shows it.
pub(super) fn next(view: &View<'_>, chance: &mut Chance, at: i64) -> Scene {
    match chance.below(100) {
        0..=3 => stranger(chance, at),
        4..=17 => begins(view, chance, at),
        18..=22 => about_contact(view, chance, at),
        _ => goes_on(view, chance, at),
    }
}

pub(super) fn stranger(chance: &mut Chance, at: i64) -> Scene {
    let name = person_name(chance);
    let slug: String = name
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let added = Added {
        email: Some(format!("{slug}{}@new.example", chance.below(1000))),
        name: chance.one_in(2).then_some(name),
        external_id: Some(uuid_of(chance.next(), chance.next())),
        lead: true,
        at,
    };
    Scene::Stranger(added, opener(0, chance, at))
}

fn opener(contact: u64, chance: &mut Chance, at: i64) -> Started {
    let by_customer = !chance.one_in(12);
    Started {
        contact,
        by: if by_customer {
            Voice::Customer(0)
        } else {
            Voice::Admin(somebody(chance))
        },
        words: if by_customer {
            Words::Opener(line(chance))
        } else {
            Words::Outbound(line(chance))
        },
        topic: u8::try_from(chance.below(TOPICS_TOLD)).unwrap_or(0),
        channel: [Channel::Messenger, Channel::Messenger, Channel::Email][chance.index(3)],
        at,
    }
}

pub(super) fn begins(view: &View<'_>, chance: &mut Chance, at: i64) -> Scene {
    match some_contact(view, chance) {
        Some(contact) => Scene::Change(Change::ConversationStarted(opener(contact, chance, at))),
        None => stranger(chance, at),
    }
}

fn about_contact(view: &View<'_>, chance: &mut Chance, at: i64) -> Scene {
    let found = some_contact(view, chance).and_then(|number| view.contact(number));
    let Some(person) = found else {
        return stranger(chance, at);
    };
    let contact = person.person.number;
    let tag = 11_480_101 + chance.below(16);
    let tagged = person.tags().iter().any(|own| own.id == tag);
    Scene::Change(match chance.below(8) {
        0 if person.is_lead() => Change::LeadSignedUp { contact, at },
        1 if person.is_lead() => match some_user(view, chance) {
            Some(into) => Change::LeadMerged {
                lead: contact,
                into,
                at,
            },
            None => Change::LeadSignedUp { contact, at },
        },
        0..=2 => {
            let edit = Edit {
                phone: Some(format!("+1555{:07}", chance.below(10_000_000))),
                ..Edit::default()
            };
            Change::ContactEdited { contact, edit, at }
        }
        3 => {
            let email = format!("moved.{}@mail.example", chance.below(100_000));
            let edit = Edit {
                email: Some(email),
                ..Edit::default()
            };
            Change::ContactEdited { contact, edit, at }
        }
        _ if tagged => Change::ContactUntagged { contact, tag, at },
        _ => Change::ContactTagged { contact, tag, at },
    })
}

fn goes_on(view: &View<'_>, chance: &mut Chance, at: i64) -> Scene {
    let recent = view.conversations_by_update().walk(Span::ALL, None, false);
    let recent: Vec<u64> = recent.map(|(_, number)| number).take(RECENT).collect();
    // The lower of two draws, so that what moved last moves most.
    let pick = chance.index(recent.len()).min(chance.index(recent.len()));
    let conversation = recent
        .get(pick)
        .and_then(|number| view.conversation(*number));
    let Some(conversation) = conversation else {
        return begins(view, chance, at);
    };
    let standing = conversation.standing();
    match next_deed(&conversation, &standing, chance, at) {
        Some((by, deed)) => Scene::Change(Change::Happened {
            conversation: conversation.number,
            event: Event { at, by, deed },
        }),
        None => begins(view, chance, at),
    }
}

/// None where it is best left alone.
fn next_deed(
    conversation: &Conversation<'_>,
    standing: &Standing,
    chance: &mut Chance,
    at: i64,
) -> Option<(Voice, Deed)> {
    let customer = Voice::Customer(0);
    let teammate = standing.admin.unwrap_or_else(|| somebody(chance));
    let admin = Voice::Admin(teammate);
    let which = line(chance);
    Some(match (standing.state, standing.customer_spoke_last) {
        (State::Closed, _) => match chance.below(10) {
            0..=3 => (customer, Deed::Comment(Words::StillBroken(which))),
            4..=6 if standing.rating.is_none() => {
                let score = u8::try_from(1 + chance.below(5)).unwrap_or(3);
                let remark = chance.one_in(2).then_some(Words::Remark(which));
                (customer, Deed::Rate { score, remark })
            }
            _ => return None,
        },
        (State::Snoozed, _) if standing.snoozed_until.is_some_and(|until| until <= at) => {
            (Voice::Bot, Deed::TimerUnsnooze)
        }
        (State::Snoozed, _) => match chance.below(3) {
            0 => (admin, Deed::Unsnooze),
            1 => (customer, Deed::Comment(Words::FollowUp(which))),
            _ => return None,
        },
        (State::Open, true) => match chance.below(20) {
            0..=9 => (admin, Deed::Comment(Words::Answer(which))),
            10 | 11 if standing.bot_spoke.is_none() => {
                (Voice::Bot, Deed::Comment(Words::BotAnswer))
            }
            10..=13 => (customer, Deed::Comment(Words::FollowUp(which))),
            14 => (admin, Deed::Note(Words::Note(which))),
            15 => (admin, Deed::Prioritise(Priority::Urgent)),
            16 => (admin, tagging(conversation, standing)?),
            _ => {
                let other = somebody(chance);
                let assign = Deed::Assign {
                    admin: Some(other),
                    team: standing.team,
                };
                (Voice::Admin(ADMINS[0].id), assign)
            }
        },
        (State::Open, false) => match chance.below(10) {
            0..=2 => (customer, Deed::Comment(Words::Thanks(which))),
            3..=6 => (admin, Deed::Close(None)),
            7 => {
                let until = at + 3600 * chance.between(1, 48);
                (admin, Deed::Snooze { until })
            }
            _ => (customer, Deed::Comment(Words::FollowUp(which))),
        },
    })
}

/// The tag of its topic, unless it is there.
fn tagging(conversation: &Conversation<'_>, standing: &Standing) -> Option<Deed> {
    let tag = tag_by_id(tag_of(conversation.topic))?.id;
    let tagged = standing.tags.iter().any(|(id, ..)| *id == tag);
    (!tagged).then_some(Deed::Tag(tag))
}

pub(super) fn some_contact(view: &View<'_>, chance: &mut Chance) -> Option<u64> {
    let numbers = view.contact_numbers();
    let mut draws = (0..8).map(|_| chance.below(numbers));
    draws.find(|number| {
        let contact = view.contact(*number);
        contact.is_some_and(|contact| !contact.is_archived())
    })
}

pub(super) fn some_user(view: &View<'_>, chance: &mut Chance) -> Option<u64> {
    let number = some_contact(view, chance)?;
    (!view.contact(number)?.is_lead()).then_some(number)
}

/// A teammate who answers.
pub(super) fn somebody(chance: &mut Chance) -> u64 {
    ADMINS[chance.index(ADMINS.len() - 1)].id
}

pub(super) fn line(chance: &mut Chance) -> u8 {
    u8::try_from(chance.below(251)).unwrap_or(0)
}
