use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, not_found};
use crate::app::{App, Shared};
use crate::story::staff::ADMINS;
use crate::story::{Deed, Event, Subject, Voice, Words, escape_html};
use crate::world::{Added, ContactLookup, Workspace};

/// What is to happen in a conversation now.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Happening {
    /// The customer writes; a closed conversation opens by that.
    CustomerReply {
        text: Option<String>,
    },
    AdminReply {
        text: Option<String>,
    },
    Note {
        text: Option<String>,
    },
    Close,
    Snooze {
        until: i64,
    },
    Assign {
        admin_id: u64,
    },
    Tag {
        tag_id: u64,
    },
    Rate {
        score: u8,
    },
}

pub(super) async fn happen(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
    Json(happening): Json<Happening>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let number = conversation(workspace, &id)?;
    let at = app.now_secs();
    let words = |text: Option<String>| {
        let text = text.unwrap_or_else(|| "Any news on this?".to_owned());
        Words::Given(Arc::from(format!("<p>{}</p>", escape_html(&text))))
    };
    let admin = Voice::Admin(ADMINS[0].id);
    let (by, deed) = match happening {
        Happening::CustomerReply { text } => {
            let written = workspace.write_as_customer(number, words(text), at);
            written.map_err(|_| not_found("conversation"))?;
            return Ok(Json(json!({ "updated_at": at })));
        }
        Happening::AdminReply { text } => (admin, Deed::Comment(words(text))),
        Happening::Note { text } => (admin, Deed::Note(words(text))),
        Happening::Close => (admin, Deed::Close(None)),
        Happening::Snooze { until } => (admin, Deed::Snooze { until }),
        Happening::Assign { admin_id } => (
            admin,
            Deed::Assign {
                admin: Some(admin_id),
                team: None,
            },
        ),
        Happening::Tag { tag_id } => (admin, Deed::Tag(tag_id)),
        Happening::Rate { score } => (
            Voice::Customer(0),
            Deed::Rate {
                score,
                remark: None,
            },
        ),
    };
    workspace
        .happen(number, Event { at, by, deed })
        .map_err(|_| not_found("conversation"))?;
    Ok(Json(json!({ "updated_at": at })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewContact {
    name: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    #[serde(default)]
    lead: bool,
}

pub(super) async fn add_contact(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Json(contact): Json<NewContact>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let NewContact {
        name,
        email,
        external_id,
        lead,
    } = contact;
    let number = workspace.add_contact(Added {
        name,
        email,
        external_id,
        lead,
        at: app.now_secs(),
    });
    Ok(Json(
        json!({ "id": workspace.story.ids.subject(Subject::Contact(number)) }),
    ))
}

pub(super) async fn delete_contact(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    let number = match workspace.look().find_contact(&id) {
        ContactLookup::Found(contact) => contact.person.number,
        ContactLookup::Merged(_) | ContactLookup::Unknown => return Err(not_found("contact")),
    };
    workspace.delete_contact(number);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn delete_conversation(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    workspace.delete_conversation(conversation(workspace, &id)?, app.now_secs());
    Ok(StatusCode::NO_CONTENT)
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Workspace, Refused> {
    app.workspace(name).ok_or_else(|| not_found("workspace"))
}

fn conversation(workspace: &Workspace, id: &str) -> Result<u64, Refused> {
    let view = workspace.look();
    view.find_conversation(id)
        .map(|found| found.number)
        .ok_or_else(|| not_found("conversation"))
}
