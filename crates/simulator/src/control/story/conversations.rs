use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Refused, contact, conversation, find, not_found};
use crate::app::Shared;
use crate::story::staff::ADMINS;
use crate::story::{Channel, Deed, Event, Ids, Priority, Subject, Voice, Words};
use crate::world::{Added, Change, Started, View};

/// What is to happen in a conversation now.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Happening {
    /// A customer writes; a closed conversation opens by that.
    CustomerReply {
        text: Option<String>,
        /// Who of a group: 0 is who began.
        #[serde(default)]
        participant: u8,
    },
    AdminReply {
        text: Option<String>,
        admin_id: Option<u64>,
        /// Hands over to this teammate in the same breath.
        assign_to: Option<u64>,
    },
    BotReply {
        text: Option<String>,
    },
    Note {
        text: Option<String>,
        admin_id: Option<u64>,
    },
    Close {
        text: Option<String>,
        admin_id: Option<u64>,
        /// Closed by the bot.
        #[serde(default)]
        by_bot: bool,
    },
    Reopen {
        admin_id: Option<u64>,
    },
    Snooze {
        until: i64,
        admin_id: Option<u64>,
    },
    Unsnooze {
        admin_id: Option<u64>,
        /// The timer ended it.
        #[serde(default)]
        by_timer: bool,
    },
    Assign {
        admin_id: Option<u64>,
        team_id: Option<u64>,
    },
    Unassign,
    Tag {
        tag_id: u64,
    },
    Untag {
        tag_id: u64,
    },
    Priority {
        priority: Priority,
    },
    Rate {
        score: u8,
        remark: Option<String>,
    },
    AddParticipant {
        contact_id: String,
    },
}

pub(super) async fn happen(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
    Asked(happening): Asked<Happening>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let at = app.now_secs();
    let change = {
        let view = workspace.look();
        let conversation = conversation(&view, &id)?;
        let (by, deed) = deed(&view, happening)?;
        let event = Event { at, by, deed };
        Change::Happened {
            conversation,
            event,
        }
    };
    let made = app.happen(workspace, change)?;
    let part = made.part.map(|index| Ids::part(made.number, index));
    Ok(Json(json!({
        "updated_at": made.at,
        "part_id": part.map(|id| id.to_string()),
    })))
}

/// The part whose words are taken away; the first message without one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redaction {
    part_id: Option<String>,
}

pub(super) async fn redact(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
    Asked(Redaction { part_id }): Asked<Redaction>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let conversation = conversation(&workspace.look(), &id)?;
    let part = match part_id {
        Some(id) => {
            let index = Ids::read_part(conversation, &id);
            Some(index.ok_or_else(|| not_found("part"))?)
        }
        None => None,
    };
    let at = app.now_secs();
    let redacted = Change::Redacted {
        conversation,
        part,
        at,
    };
    let made = app.happen(workspace, redacted)?;
    Ok(Json(json!({ "updated_at": made.at })))
}

/// Who does it, and what.
fn deed(view: &View<'_>, happening: Happening) -> Result<(Voice, Deed), Refused> {
    Ok(match happening {
        Happening::CustomerReply { text, participant } => {
            let words = words(text.as_deref(), "Any news on this?");
            (Voice::Customer(participant), Deed::Comment(words))
        }
        Happening::AdminReply {
            text,
            admin_id,
            assign_to,
        } => {
            let words = words(text.as_deref(), "We are looking into it.");
            let deed = match assign_to {
                Some(admin) => Deed::ReplyAndAssign { admin, words },
                None => Deed::Comment(words),
            };
            (admin(admin_id), deed)
        }
        Happening::BotReply { text } => {
            let words = words(text.as_deref(), "I am connecting you with a teammate.");
            (Voice::Bot, Deed::Comment(words))
        }
        Happening::Note { text, admin_id } => {
            let words = words(text.as_deref(), "Please have a look.");
            (admin(admin_id), Deed::Note(words))
        }
        Happening::Close {
            text,
            admin_id,
            by_bot,
        } => {
            let by = if by_bot { Voice::Bot } else { admin(admin_id) };
            (by, Deed::Close(text.as_deref().map(Words::given)))
        }
        Happening::Reopen { admin_id } => (admin(admin_id), Deed::Open),
        Happening::Snooze { until, admin_id } => (admin(admin_id), Deed::Snooze { until }),
        Happening::Unsnooze { by_timer: true, .. } => (Voice::Bot, Deed::TimerUnsnooze),
        Happening::Unsnooze { admin_id, .. } => (admin(admin_id), Deed::Unsnooze),
        Happening::Assign { admin_id, team_id } => (
            admin(None),
            Deed::Assign {
                admin: admin_id,
                team: team_id,
            },
        ),
        Happening::Tag { tag_id } => (admin(None), Deed::Tag(tag_id)),
        Happening::Untag { tag_id } => (admin(None), Deed::Untag(tag_id)),
        Happening::Priority { priority } => (admin(None), Deed::Prioritise(priority)),
        Happening::Rate { score, remark } => {
            let remark = remark.as_deref().map(Words::given);
            (Voice::Customer(0), Deed::Rate { score, remark })
        }
        Happening::AddParticipant { contact_id } => (
            admin(None),
            Deed::AddParticipant(contact(view, &contact_id)?),
        ),
        Happening::Unassign => {
            let nobody = Deed::Assign {
                admin: None,
                team: None,
            };
            (admin(None), nobody)
        }
    })
}

fn words(text: Option<&str>, otherwise: &str) -> Words {
    Words::given(text.unwrap_or(otherwise))
}

fn admin(id: Option<u64>) -> Voice {
    Voice::Admin(id.unwrap_or(ADMINS[0].id))
}

/// A conversation to begin, with a known contact or a lead that comes with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Beginning {
    contact_id: Option<String>,
    lead: Option<Lead>,
    /// Begun by this teammate rather than by the customer.
    admin_id: Option<u64>,
    text: Option<String>,
    channel: Option<Channel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lead {
    name: Option<String>,
    email: Option<String>,
}

pub(super) async fn start(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Asked(beginning): Asked<Beginning>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let at = app.now_secs();
    let number = match (&beginning.contact_id, beginning.lead) {
        (Some(id), None) => contact(&workspace.look(), id)?,
        (None, Some(lead)) => {
            let added = Added {
                name: lead.name,
                email: lead.email,
                external_id: Some(app.request_id()),
                lead: true,
                at,
            };
            app.add_contact(workspace, added)?
        }
        _ => {
            let reason = "give either contact_id or lead";
            return Err(Refused(StatusCode::BAD_REQUEST, reason.to_owned()));
        }
    };
    let by = beginning.admin_id.map_or(Voice::Customer(0), Voice::Admin);
    let started = Started {
        contact: number,
        by,
        words: words(beginning.text.as_deref(), "Hello, I have a question."),
        topic: 0,
        channel: beginning.channel.unwrap_or(Channel::Messenger),
        at,
    };
    let made = app.start_conversation(workspace, started)?;
    let ids = &workspace.story.ids;
    Ok(Json(json!({
        "id": ids.conversation(made.number).to_string(),
        "contact_id": ids.subject(Subject::Contact(number)),
        "created_at": made.at,
    })))
}

pub(super) async fn delete(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    let conversation = conversation(&workspace.look(), &id)?;
    let at = app.now_secs();
    app.happen(workspace, Change::ConversationDeleted { conversation, at })?;
    Ok(StatusCode::NO_CONTENT)
}
