//! Whatever can change, to whatever there is: recent and old, told and untold, for good and for a while.

use super::scene::{self, Scene};
use crate::story::staff::{ADMINS, TAGS, TEAMS};
use crate::story::{
    Chance, Deed, Event, Priority, Standing, State, TOPICS_TOLD, Voice, Words, person_name,
};
use crate::world::{Added, Change, Contact, Edit, Span, View};

/// Half of what happens happens to the conversations that moved last.
const RECENT: usize = 30;
/// Tries to find somebody who fits.
const MOST_TRIES: usize = 40;

/// A change with its name; none where nobody fits.
pub(super) fn next(view: &View<'_>, chance: &mut Chance, at: i64) -> Option<(&'static str, Scene)> {
    Some(match chance.below(100) {
        0..=2 => ("contact added", contact_added(chance, at)),
        3..=5 => ("stranger wrote", scene::stranger(chance, at)),
        6..=9 => ("conversation begun", scene::begins(view, chance, at)),
        10..=29 => {
            let (kind, made) = about_contact(view, chance, at)?;
            (kind, Scene::Change(made))
        }
        30..=32 => ("contact deleted", {
            let contact = scene::some_contact(view, chance)?;
            Scene::Change(Change::ContactDeleted { contact, at })
        }),
        33..=36 => ("lead merged", Scene::Change(merge(view, chance, at)?)),
        37..=39 => ("company renamed", Scene::Change(renamed(view, chance, at)?)),
        40..=43 => ("conversation deleted", {
            let conversation = some_conversation(view, chance)?;
            Scene::Change(Change::ConversationDeleted { conversation, at })
        }),
        44..=46 => ("redacted", Scene::Change(redaction(view, chance, at)?)),
        _ => {
            let (kind, made) = goes_on(view, chance, at)?;
            (kind, Scene::Change(made))
        }
    })
}

fn contact_added(chance: &mut Chance, at: i64) -> Scene {
    let name = person_name(chance);
    Scene::Change(Change::ContactAdded(Added {
        email: (!chance.one_in(5)).then(|| address(chance)),
        external_id: Some(format!("churned-{:x}", chance.next())),
        name: Some(name),
        lead: chance.one_in(2),
        at,
    }))
}

fn address(chance: &mut Chance) -> String {
    format!("churned.{:x}@mail.example", chance.next())
}

fn about_contact(view: &View<'_>, chance: &mut Chance, at: i64) -> Option<(&'static str, Change)> {
    let contact = scene::some_contact(view, chance)?;
    let person = view.contact(contact)?;
    let edited = |edit| Change::ContactEdited { contact, edit, at };
    Some(match chance.below(10) {
        0 | 1 => ("contact edited", {
            edited(Edit {
                name: Some(person_name(chance)),
                ..Edit::default()
            })
        }),
        2 | 3 => ("contact edited", {
            edited(Edit {
                email: Some(address(chance)),
                ..Edit::default()
            })
        }),
        4 | 5 => ("contact tagged or untagged", {
            let tag = TAGS[chance.index(TAGS.len())].id;
            let tagged = person.tags().iter().any(|own| own.id == tag);
            if tagged {
                Change::ContactUntagged { contact, tag, at }
            } else {
                Change::ContactTagged { contact, tag, at }
            }
        }),
        6 => ("company attached or detached", {
            let company = chance.below(view.story().companies().max(1));
            if person.belongs_to(company) {
                Change::CompanyDetached {
                    contact,
                    company,
                    at,
                }
            } else {
                Change::CompanyAttached {
                    contact,
                    company,
                    at,
                }
            }
        }),
        7 => ("lead signed up", {
            let contact = lead(view, chance)?;
            Change::LeadSignedUp { contact, at }
        }),
        8 => ("contact archived", Change::ContactArchived { contact, at }),
        _ => ("contact unarchived", {
            let contact = archived(view, chance)?;
            Change::ContactUnarchived { contact, at }
        }),
    })
}

fn some_number(
    view: &View<'_>,
    chance: &mut Chance,
    fits: impl Fn(&Contact<'_>) -> bool,
) -> Option<u64> {
    let numbers = view.contact_numbers();
    (0..MOST_TRIES)
        .map(|_| chance.below(numbers))
        .find(|number| view.contact(*number).as_ref().is_some_and(&fits))
}

fn archived(view: &View<'_>, chance: &mut Chance) -> Option<u64> {
    let mut archived: Vec<u64> = view.changes.archived.iter().copied().collect();
    archived.retain(|number| view.contact(*number).is_some());
    archived.sort_unstable();
    archived.get(chance.index(archived.len().max(1))).copied()
}

fn lead(view: &View<'_>, chance: &mut Chance) -> Option<u64> {
    some_number(view, chance, |contact| {
        contact.is_lead() && !contact.is_archived()
    })
}

fn merge(view: &View<'_>, chance: &mut Chance, at: i64) -> Option<Change> {
    let lead = lead(view, chance)?;
    let into = scene::some_user(view, chance)?;
    Some(Change::LeadMerged { lead, into, at })
}

fn renamed(view: &View<'_>, chance: &mut Chance, at: i64) -> Option<Change> {
    let companies = view.story().companies();
    (companies > 0).then(|| Change::CompanyRenamed {
        company: chance.below(companies),
        name: format!("{} & Daughters", person_name(chance)),
        at,
    })
}

fn some_conversation(view: &View<'_>, chance: &mut Chance) -> Option<u64> {
    if chance.one_in(2) {
        let newest = view.conversations_by_update().walk(Span::ALL, None, false);
        let newest: Vec<u64> = newest.map(|(_, number)| number).take(RECENT).collect();
        return newest.get(chance.index(newest.len().max(1))).copied();
    }
    let numbers = view.conversation_numbers();
    (0..MOST_TRIES)
        .map(|_| chance.below(numbers.max(1)))
        .find(|number| view.conversation(*number).is_some())
}

fn redaction(view: &View<'_>, chance: &mut Chance, at: i64) -> Option<Change> {
    let conversation = some_conversation(view, chance)?;
    let found = view.conversation(conversation)?;
    let said = (0_u64..).zip(&found.timeline.events);
    let said: Vec<u64> = said
        .filter(|(_, event)| event.deed.words().is_some())
        .map(|(index, _)| index)
        .collect();
    // The first message is one of what was said.
    let part = said.get(chance.index(said.len() + 1)).copied();
    Some(Change::Redacted {
        conversation,
        part,
        at,
    })
}

fn goes_on(view: &View<'_>, chance: &mut Chance, at: i64) -> Option<(&'static str, Change)> {
    let conversation = some_conversation(view, chance)?;
    let standing = view.conversation(conversation)?.standing();
    let (kind, by, deed) = deed(view, &standing, chance, at)?;
    let event = Event { at, by, deed };
    Some((
        kind,
        Change::Happened {
            conversation,
            event,
        },
    ))
}

fn deed(
    view: &View<'_>,
    standing: &Standing,
    chance: &mut Chance,
    at: i64,
) -> Option<(&'static str, Voice, Deed)> {
    let customer = Voice::Customer(0);
    let admin = Voice::Admin(scene::somebody(chance));
    let which = scene::line(chance);
    let topic = u8::try_from(chance.below(TOPICS_TOLD)).unwrap_or(0);
    if standing.state == State::Snoozed && chance.one_in(3) {
        return Some(("unsnoozed", admin, Deed::Unsnooze));
    }
    Some(match chance.below(20) {
        0..=3 => (
            "customer replied",
            customer,
            Deed::Comment(Words::FollowUp(which)),
        ),
        4..=6 => (
            "teammate replied",
            admin,
            Deed::Comment(Words::Answer(which)),
        ),
        7 => ("bot replied", Voice::Bot, Deed::Comment(Words::BotAnswer)),
        8 => ("noted", admin, Deed::Note(Words::Note(which))),
        9 | 10 if standing.state == State::Closed => ("reopened", admin, Deed::Open),
        9 | 10 => (
            "closed",
            admin,
            Deed::Close(chance.one_in(2).then_some(Words::Closing(which))),
        ),
        11 => {
            let until = at + 3600 * chance.between(1, 48);
            ("snoozed", admin, Deed::Snooze { until })
        }
        12 | 13 => {
            let team = TEAMS[chance.index(TEAMS.len())].id;
            let assign = Deed::Assign {
                admin: Some(scene::somebody(chance)),
                team: chance.one_in(2).then_some(team),
            };
            ("assigned", Voice::Admin(ADMINS[0].id), assign)
        }
        14 => {
            let tag = TAGS[chance.index(TAGS.len())].id;
            let tagged = standing.tags.iter().any(|(id, ..)| *id == tag);
            let deed = if tagged {
                Deed::Untag(tag)
            } else {
                Deed::Tag(tag)
            };
            ("tagged or untagged", admin, deed)
        }
        15 => {
            let score = u8::try_from(1 + chance.below(5)).unwrap_or(3);
            let remark = chance.one_in(2).then_some(Words::Remark(which));
            ("rated", customer, Deed::Rate { score, remark })
        }
        16 => {
            let levels = [Priority::None, Priority::Low, Priority::High];
            let level = levels[chance.index(levels.len())];
            ("prioritised", admin, Deed::Prioritise(level))
        }
        17 => ("title changed", admin, Deed::Retitle(topic)),
        18 => ("attribute changed", Voice::Bot, Deed::Recategorise(topic)),
        _ => {
            let contact = scene::some_contact(view, chance)?;
            ("participant added", admin, Deed::AddParticipant(contact))
        }
    })
}
