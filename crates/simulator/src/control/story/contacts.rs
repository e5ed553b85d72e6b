use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asked, Refused, company, contact, find};
use crate::app::Shared;
use crate::story::Subject;
use crate::world::{Added, Change, Edit, View};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewContact {
    name: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    #[serde(default)]
    lead: bool,
}

pub(super) async fn add(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Asked(contact): Asked<NewContact>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let NewContact {
        name,
        email,
        external_id,
        lead,
    } = contact;
    let added = Added {
        name,
        email,
        // Leads are given one.
        external_id: external_id.or_else(|| lead.then(|| app.request_id())),
        lead,
        at: app.now_secs(),
    };
    let number = app.add_contact(workspace, added)?;
    let id = workspace.story.ids.subject(Subject::Contact(number));
    Ok(Json(json!({ "id": id })))
}

/// What is to happen to a contact now.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Happening {
    Update(Edit),
    Archive,
    Unarchive,
    Delete,
    /// A lead becomes a user under the same id.
    SignUp,
    /// A lead goes up in this user.
    Merge {
        into: String,
    },
    Tag {
        tag_id: u64,
    },
    Untag {
        tag_id: u64,
    },
    Attach {
        company_id: String,
    },
    Detach {
        company_id: String,
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
        let number = contact(&view, &id)?;
        change(&view, number, happening, at)?
    };
    let made = app.happen(workspace, change)?;
    Ok(Json(json!({ "updated_at": made.at })))
}

fn change(view: &View<'_>, contact: u64, happening: Happening, at: i64) -> Result<Change, Refused> {
    Ok(match happening {
        Happening::Update(edit) => Change::ContactEdited { contact, edit, at },
        Happening::Archive => Change::ContactArchived { contact, at },
        Happening::Unarchive => Change::ContactUnarchived { contact, at },
        Happening::Delete => Change::ContactDeleted { contact, at },
        Happening::SignUp => Change::LeadSignedUp { contact, at },
        Happening::Merge { into } => Change::LeadMerged {
            lead: contact,
            into: super::contact(view, &into)?,
            at,
        },
        Happening::Tag { tag_id: tag } => Change::ContactTagged { contact, tag, at },
        Happening::Untag { tag_id: tag } => Change::ContactUntagged { contact, tag, at },
        Happening::Attach { company_id } => Change::CompanyAttached {
            contact,
            company: company(view, &company_id)?,
            at,
        },
        Happening::Detach { company_id } => Change::CompanyDetached {
            contact,
            company: company(view, &company_id)?,
            at,
        },
    })
}

pub(super) async fn delete(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    let contact = contact(&workspace.look(), &id)?;
    let at = app.now_secs();
    app.happen(workspace, Change::ContactDeleted { contact, at })?;
    Ok(StatusCode::NO_CONTENT)
}
