//! One conversation at the right.

use super::list::name;
use super::time::When;
use crate::story::staff::{
    ADMINS, Admin, TAGS, TEAMS, Tag, Team, admin_by_id, tag_by_id, team_by_id,
};
use crate::story::{Conversation, Deed, Event, Priority, State, Subject, Voice, Words, title};
use crate::world::View;

pub(super) const PRIORITIES: [Priority; 5] = [
    Priority::None,
    Priority::Low,
    Priority::Medium,
    Priority::High,
    Priority::Urgent,
];

/// Tags of conversations come after those of contacts.
const FIRST_TOPIC_TAG: usize = 16;

#[derive(Debug)]
pub(super) struct Thread {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: &'static str,
    /// None when the customer no longer exists.
    pub(super) contact_id: Option<String>,
    pub(super) state: &'static str,
    pub(super) is_closed: bool,
    pub(super) is_snoozed: bool,
    pub(super) assignee: String,
    admin: Option<u64>,
    pub(super) priority: &'static str,
    /// To choose from.
    pub(super) priorities: [&'static str; 5],
    pub(super) reopens: u64,
    pub(super) waiting: Option<When>,
    pub(super) snoozed_until: Option<When>,
    pub(super) rating: Option<u8>,
    pub(super) tags: Vec<&'static Tag>,
    pub(super) other_tags: Vec<&'static Tag>,
    pub(super) messages: Vec<Message>,
    pub(super) admins: &'static [Admin],
    pub(super) teams: &'static [Team],
}

#[derive(Debug)]
pub(super) struct Message {
    /// `customer`, `admin`, `bot`, `note` or `event`.
    pub(super) kind: &'static str,
    pub(super) author: String,
    /// What was said, or what was done.
    pub(super) text: String,
    pub(super) when: When,
    /// What a redaction names: the part's index, or `source`.
    pub(super) redactable: Option<String>,
    pub(super) is_redacted: bool,
}

impl Thread {
    pub(super) fn of(view: &View<'_>, conversation: &Conversation<'_>, now: i64) -> Self {
        let standing = conversation.standing();
        let customer = &conversation.customers[0];
        let contact = match customer.subject {
            Subject::Contact(number) => view.contact(number),
            _ => None,
        };
        let has = |tag: &&Tag| standing.tags.iter().any(|(id, ..)| *id == tag.id);
        let team = standing.team.and_then(team_by_id).map(|team| team.name);
        let admin = standing.admin.and_then(admin_by_id).map(|admin| admin.name);
        let assignee = match (admin, team) {
            (Some(admin), Some(team)) => format!("{admin}, {team}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "nobody".to_owned(),
        };
        let events = conversation.timeline.events.iter().enumerate();
        let messages = std::iter::once(first(conversation, now))
            .chain(events.map(|(index, event)| message(view, conversation, (index, event), now)));
        Self {
            id: conversation.id(),
            name: name(conversation),
            email: customer.email.clone().unwrap_or_default(),
            role: match &contact {
                None => "gone",
                Some(contact) if contact.is_archived() => "archived",
                Some(contact) if contact.is_lead() => "lead",
                Some(_) => "user",
            },
            contact_id: contact.map(|contact| contact.id()),
            state: standing.state.word(),
            is_closed: standing.state == State::Closed,
            is_snoozed: standing.state == State::Snoozed,
            assignee,
            admin: standing.admin,
            priorities: PRIORITIES.map(Priority::word),
            priority: standing.priority.word(),
            reopens: standing.statistics.count_reopens,
            waiting: standing.waiting_since.map(|since| When::new(since, now)),
            snoozed_until: standing.snoozed_until.map(|until| When::new(until, now)),
            rating: standing.rating.as_ref().map(|rating| rating.score),
            tags: TAGS.iter().filter(has).collect(),
            other_tags: TAGS[FIRST_TOPIC_TAG..]
                .iter()
                .filter(|tag| !has(tag))
                .collect(),
            messages: messages.collect(),
            admins: ADMINS,
            teams: TEAMS,
        }
    }
}

impl Thread {
    pub(super) fn is_assigned_to(&self, admin: &Admin) -> bool {
        self.admin == Some(admin.id)
    }
}

fn first(conversation: &Conversation<'_>, now: i64) -> Message {
    let timeline = &conversation.timeline;
    let said = Said {
        by: timeline.opened_by,
        words: &timeline.opener,
        at: timeline.starts_at,
        part: None,
    };
    said.shown(conversation, now)
}

fn message(
    view: &View<'_>,
    conversation: &Conversation<'_>,
    (index, event): (usize, &Event),
    now: i64,
) -> Message {
    if let Some(words) = event.deed.words() {
        let said = Said {
            by: event.by,
            words,
            at: event.at,
            part: Some(index as u64),
        };
        let mut message = said.shown(conversation, now);
        match &event.deed {
            Deed::Note(_) | Deed::NoteAndReopen(_) => message.kind = "note",
            deed => message.author.push_str(manner(deed)),
        }
        return message;
    }
    Message {
        kind: "event",
        author: author(conversation, event.by),
        text: done(view, conversation, &event.deed),
        when: When::new(event.at, now),
        redactable: None,
        is_redacted: false,
    }
}

struct Said<'a> {
    by: Voice,
    words: &'a Words,
    at: i64,
    part: Option<u64>,
}

impl Said<'_> {
    fn shown(&self, conversation: &Conversation<'_>, now: i64) -> Message {
        let is_redacted = conversation.redacted_at(self.part).is_some();
        let part = self
            .part
            .map_or_else(|| "source".to_owned(), |part| part.to_string());
        Message {
            kind: match self.by {
                Voice::Customer(_) => "customer",
                Voice::Admin(_) => "admin",
                Voice::Bot => "bot",
            },
            author: author(conversation, self.by),
            text: if is_redacted {
                "This message was deleted".to_owned()
            } else {
                conversation.plain(self.words)
            },
            when: When::new(self.at, now),
            redactable: (!is_redacted).then_some(part),
            is_redacted,
        }
    }
}

fn author(conversation: &Conversation<'_>, voice: Voice) -> String {
    let author = conversation.author(voice);
    let email = author.email.filter(|email| !email.is_empty());
    author
        .name
        .or(email)
        .unwrap_or_else(|| "Unknown lead".to_owned())
}

/// What was done along with saying it.
fn manner(deed: &Deed) -> &'static str {
    match deed {
        Deed::Reopen(_) | Deed::AssignAndReopen { .. } => " · reopened it",
        Deed::Close(_) => " · closed it",
        Deed::ReplyAndAssign { .. } => " · handed it over",
        _ => "",
    }
}

fn done(view: &View<'_>, conversation: &Conversation<'_>, deed: &Deed) -> String {
    let admin = |id: Option<u64>| id.and_then(admin_by_id).map(|admin| admin.name);
    let team = |id: Option<u64>| id.and_then(team_by_id).map(|team| team.name);
    let tag = |id: u64| tag_by_id(id).map_or("", |tag| tag.name);
    match deed {
        Deed::Assign {
            admin: to,
            team: of,
        } => match (admin(*to), team(*of)) {
            (Some(to), Some(of)) => format!("assigned it to {to}, {of}"),
            (Some(to), None) | (None, Some(to)) => format!("assigned it to {to}"),
            (None, None) => "unassigned it".to_owned(),
        },
        Deed::Close(_) => "closed it".to_owned(),
        Deed::Open => "reopened it".to_owned(),
        Deed::Snooze { .. } => "snoozed it".to_owned(),
        Deed::Unsnooze => "ended the snooze".to_owned(),
        Deed::TimerUnsnooze => "the snooze ended".to_owned(),
        Deed::Rate { score, remark } => match remark {
            Some(words) => format!("rated it {score} of 5: “{}”", conversation.plain(words)),
            None => format!("rated it {score} of 5"),
        },
        Deed::Prioritise(priority) => format!("set the priority to {}", priority.word()),
        Deed::Tag(id) => format!("added the tag {}", tag(*id)),
        Deed::Untag(id) => format!("removed the tag {}", tag(*id)),
        Deed::AddParticipant(contact) => {
            let name = view.remembered(*contact).name();
            format!("added {}", name.unwrap_or_else(|| "somebody".to_owned()))
        }
        Deed::Retitle(topic) => format!("called it “{}”", title(*topic)),
        Deed::Recategorise(topic) => format!("set the topic to “{}”", title(*topic)),
        Deed::Workflow => "ran a workflow".to_owned(),
        Deed::ReplyTimeExpected => "said when to expect an answer".to_owned(),
        // Everything that is said is shown as a message.
        _ => deed.part_type().replace('_', " "),
    }
}
