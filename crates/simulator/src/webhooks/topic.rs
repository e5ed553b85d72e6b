//! Which topics a change causes. What is missing here causes none, as at Intercom: untagging, above all.

use serde_json::Value;

use super::item;
use super::settings::WebhookSettings;
use crate::http::Version;
use crate::story::{Conversation, Deed, Event, Ids, State, Subject, Voice};
use crate::world::{Change, Edit, View};

/// Every topic that something in the story can cause.
pub(crate) const CAUSED: &[&str] = &[
    "company.contact.attached",
    "company.contact.detached",
    "company.updated",
    "contact.archived",
    "contact.deleted",
    "contact.email.updated",
    "contact.lead.added_email",
    "contact.lead.created",
    "contact.lead.signed_up",
    "contact.lead.tag.created",
    "contact.lead.tag.deleted",
    "contact.lead.updated",
    "contact.merged",
    "contact.unarchived",
    "contact.unsubscribed",
    "contact.user.created",
    "contact.user.tag.created",
    "contact.user.tag.deleted",
    "contact.user.updated",
    "conversation.admin.assigned",
    "conversation.admin.closed",
    "conversation.admin.noted",
    "conversation.admin.open.assigned",
    "conversation.admin.opened",
    "conversation.admin.replied",
    "conversation.admin.single.created",
    "conversation.admin.snoozed",
    "conversation.admin.unsnoozed",
    "conversation.contact.attached",
    "conversation.deleted",
    "conversation.operator.replied",
    "conversation.priority.updated",
    "conversation.rating.added",
    "conversation.user.created",
    "conversation.user.replied",
    "conversation_part.redacted",
    "conversation_part.tag.created",
    "ping",
];

/// What the ledger calls a request to the uninstall URL, which is no notification.
pub(super) const UNINSTALLED: &str = "app uninstalled";

/// What is told under one or more topics.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) topics: Vec<&'static str>,
    /// `data.item`.
    pub(super) item: Value,
    /// Id of the conversation or contact.
    pub(super) about: String,
    pub(super) part: Option<String>,
}

impl Notice {
    fn new(topics: Vec<&'static str>, item: Value, about: String) -> Self {
        Self {
            topics,
            item,
            about,
            part: None,
        }
    }
}

/// What `change`, which `view` already shows, is told as.
pub(super) fn notices(
    view: &View<'_>,
    change: &Change,
    version: Version,
    settings: &WebhookSettings,
    at_ms: i64,
) -> Vec<Notice> {
    match change {
        Change::ConversationStarted(_) => {
            let number = view.conversation_numbers() - 1;
            started(view, number, version).into_iter().collect()
        }
        Change::Happened {
            conversation,
            event,
        } => {
            let found = view.conversation(*conversation);
            let notice = found.and_then(|found| happened(view, &found, event, version, settings));
            notice.into_iter().collect()
        }
        Change::Redacted {
            conversation, part, ..
        } => {
            let found = view.conversation(*conversation);
            let redacted = |found: Conversation<'_>| {
                let topics = vec!["conversation_part.redacted"];
                let item = item::conversation(view, &found, version, *part);
                about_part(
                    Notice::new(topics, item, found.id().to_string()),
                    &found,
                    *part,
                )
            };
            found.map(redacted).into_iter().collect()
        }
        Change::ConversationDeleted { conversation, .. } => {
            let id = view.story().ids.conversation(*conversation).to_string();
            let item = item::deleted_conversation(&id);
            vec![Notice::new(vec!["conversation.deleted"], item, id)]
        }
        Change::CompanyRenamed { company, .. } => {
            let id = view.story().ids.subject(Subject::Company(*company));
            let item = item::company(view, *company);
            vec![Notice::new(vec!["company.updated"], item, id)]
        }
        _ => contact_notices(view, change, version, settings, at_ms),
    }
}

fn started(view: &View<'_>, number: u64, version: Version) -> Option<Notice> {
    let found = view.conversation(number)?;
    let topic = match found.timeline.opened_by {
        Voice::Customer(_) => "conversation.user.created",
        Voice::Admin(_) | Voice::Bot => "conversation.admin.single.created",
    };
    let item = item::conversation(view, &found, version, None);
    Some(Notice::new(vec![topic], item, found.id().to_string()))
}

fn happened(
    view: &View<'_>,
    found: &Conversation<'_>,
    event: &Event,
    version: Version,
    settings: &WebhookSettings,
) -> Option<Notice> {
    let topics = topics_of(event, found.standing().state, settings);
    if topics.is_empty() {
        return None;
    }
    let part = found.timeline.events.len() as u64 - 1;
    let item = match event.deed {
        Deed::AddParticipant(contact) => item::joined(view, found, event, contact, version)?,
        _ => item::conversation(view, found, version, Some(part)),
    };
    let notice = Notice::new(topics, item, found.id().to_string());
    Some(about_part(notice, found, Some(part)))
}

fn about_part(notice: Notice, found: &Conversation<'_>, part: Option<u64>) -> Notice {
    Notice {
        part: part.map(|index| Ids::part(found.number, index).to_string()),
        ..notice
    }
}

/// The topics of one more part; `state` is what it left the conversation in.
fn topics_of(event: &Event, state: State, settings: &WebhookSettings) -> Vec<&'static str> {
    let by_bot = event.by == Voice::Bot;
    if by_bot && !settings.automatic_topics && !event.deed.is_visible_message() {
        return Vec::new();
    }
    match (&event.deed, event.by) {
        (Deed::Comment(_), Voice::Bot) if settings.dual_bot_topics => {
            vec![
                "conversation.operator.replied",
                "conversation.admin.replied",
            ]
        }
        (Deed::Comment(_) | Deed::Workflow | Deed::ReplyTimeExpected, Voice::Bot) => {
            vec!["conversation.operator.replied"]
        }
        (Deed::Comment(_) | Deed::Reopen(_), Voice::Customer(_)) => {
            vec!["conversation.user.replied"]
        }
        (Deed::Comment(_) | Deed::ReplyAndAssign { .. } | Deed::AssignAndReopen { .. }, _) => {
            vec!["conversation.admin.replied"]
        }
        (Deed::Note(_) | Deed::NoteAndReopen(_), _) => vec!["conversation.admin.noted"],
        (Deed::Assign { .. }, _) if state != State::Closed && settings.dual_assign_topics => vec![
            "conversation.admin.assigned",
            "conversation.admin.open.assigned",
        ],
        (Deed::Assign { .. }, _) => vec!["conversation.admin.assigned"],
        (Deed::Close(_), _) => vec!["conversation.admin.closed"],
        (Deed::Open | Deed::Reopen(_), _) => vec!["conversation.admin.opened"],
        (Deed::Snooze { .. }, _) => vec!["conversation.admin.snoozed"],
        (Deed::Unsnooze | Deed::TimerUnsnooze, _) => vec!["conversation.admin.unsnoozed"],
        (Deed::Rate { .. }, _) => vec!["conversation.rating.added"],
        (Deed::Prioritise(_), _) => vec!["conversation.priority.updated"],
        (Deed::Tag(_), _) => vec!["conversation_part.tag.created"],
        (Deed::AddParticipant(_), _) => vec!["conversation.contact.attached"],
        // No topic exists for a title or an attribute.
        (
            Deed::Untag(_)
            | Deed::Retitle(_)
            | Deed::Recategorise(_)
            | Deed::Workflow
            | Deed::ReplyTimeExpected,
            _,
        ) => Vec::new(),
    }
}

fn contact_notices(
    view: &View<'_>,
    change: &Change,
    version: Version,
    settings: &WebhookSettings,
    at_ms: i64,
) -> Vec<Notice> {
    let number = match change {
        Change::ContactAdded(_) => view.contact_numbers() - 1,
        Change::LeadMerged { into, .. } => *into,
        _ => change.contact().unwrap_or(u64::MAX),
    };
    let id = view.story().ids.subject(Subject::Contact(number));
    if let Change::ContactDeleted { .. } = change {
        let item = item::gone_contact(view, number, "deleted");
        return vec![Notice::new(vec!["contact.deleted"], item, id)];
    }
    let Some(contact) = view.contact(number) else {
        return Vec::new();
    };
    let whole = || item::contact(&contact, version, at_ms);
    let by_role = |user, lead| if contact.is_lead() { lead } else { user };
    let updated = by_role("contact.user.updated", "contact.lead.updated");
    let notice = |topics, item| vec![Notice::new(topics, item, id.clone())];
    match change {
        Change::ContactAdded(_) => {
            let topic = by_role("contact.user.created", "contact.lead.created");
            notice(vec![topic], whole())
        }
        Change::ContactEdited { edit, .. } => {
            let mut topics = edited(edit, contact.is_lead());
            topics.push(updated);
            let mut notices = notice(topics, whole());
            if edit.unsubscribed == Some(true) {
                let item = item::unsubscribed(&whole(), change.at());
                notices.extend(notice(vec!["contact.unsubscribed"], item));
            }
            notices
        }
        Change::ContactArchived { .. } => {
            let item = item::gone_contact(view, number, "archived");
            notice(vec!["contact.archived"], item)
        }
        Change::ContactUnarchived { .. } => notice(vec!["contact.unarchived"], whole()),
        Change::LeadSignedUp { .. } => notice(vec!["contact.lead.signed_up"], whole()),
        Change::LeadMerged { lead, .. } => {
            let lead = view.story().ids.subject(Subject::Contact(*lead));
            let lead = settings.merged_from.then_some(lead);
            notice(vec!["contact.merged"], item::merged(whole(), lead))
        }
        Change::ContactTagged { tag, .. } => {
            let topic = by_role("contact.user.tag.created", "contact.lead.tag.created");
            notice(vec![topic], item::tagged(&whole(), *tag))
        }
        Change::ContactUntagged { tag, .. } => {
            let topic = by_role("contact.user.tag.deleted", "contact.lead.tag.deleted");
            notice(vec![topic], item::tagged(&whole(), *tag))
        }
        Change::CompanyAttached { company, .. } => {
            let item = item::employed(view, *company, whole());
            notice(vec!["company.contact.attached"], item)
        }
        Change::CompanyDetached { company, .. } => {
            let item = item::employed(view, *company, whole());
            notice(vec!["company.contact.detached"], item)
        }
        _ => Vec::new(),
    }
}

/// The topics of an edit besides the plain one.
fn edited(edit: &Edit, lead: bool) -> Vec<&'static str> {
    match edit.email {
        None => Vec::new(),
        Some(_) if lead => vec!["contact.lead.added_email"],
        Some(_) => vec!["contact.email.updated"],
    }
}
