//! Lets the story go on by hand.

mod companies;
mod contacts;
mod conversations;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::{Asked, Refused, not_found};
use crate::app::{App, Shared};
use crate::story::Subject;
use crate::world::{self, ContactLookup, View, Workspace};

pub(super) fn router() -> Router<Shared> {
    let contacts = "/_simulator/story/{workspace}/contacts";
    let conversations = "/_simulator/story/{workspace}/conversations";
    Router::new()
        .route("/_simulator/story", get(pace).put(set_pace))
        .route(
            "/_simulator/story/{workspace}/companies/{id}",
            post(companies::rename),
        )
        .route(contacts, post(contacts::add))
        .route(&format!("{contacts}/{{id}}"), post(contacts::happen))
        .route(&format!("{contacts}/{{id}}/delete"), post(contacts::delete))
        .route(conversations, post(conversations::start))
        .route(
            &format!("{conversations}/{{id}}"),
            post(conversations::happen),
        )
        .route(
            &format!("{conversations}/{{id}}/redact"),
            post(conversations::redact),
        )
        .route(
            &format!("{conversations}/{{id}}/delete"),
            post(conversations::delete),
        )
}

/// How much happens by itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pace {
    per_minute: u64,
}

async fn pace(State(app): State<Shared>) -> Json<Pace> {
    Json(Pace {
        per_minute: app.pace.get(),
    })
}

async fn set_pace(
    State(app): State<Shared>,
    Asked(Pace { per_minute }): Asked<Pace>,
) -> StatusCode {
    app.pace.set(per_minute);
    StatusCode::NO_CONTENT
}

impl From<world::Refused> for Refused {
    fn from(refused: world::Refused) -> Self {
        let status = match refused {
            world::Refused::NoSuch(_) => StatusCode::NOT_FOUND,
            world::Refused::Unfit(_) => StatusCode::CONFLICT,
            world::Refused::Journal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self(status, refused.to_string())
    }
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Workspace, Refused> {
    app.workspace(name).ok_or_else(|| not_found("workspace"))
}

fn contact(view: &View<'_>, id: &str) -> Result<u64, Refused> {
    match view.find_contact(id) {
        ContactLookup::Found(contact) => Ok(contact.person.number),
        ContactLookup::Merged(_) | ContactLookup::Unknown => Err(not_found("contact")),
    }
}

fn company(view: &View<'_>, id: &str) -> Result<u64, Refused> {
    match view.story().ids.read_subject(id) {
        Some(Subject::Company(number)) => Ok(number),
        _ => Err(not_found("company")),
    }
}

fn conversation(view: &View<'_>, id: &str) -> Result<u64, Refused> {
    view.find_conversation(id)
        .map(|found| found.number)
        .ok_or_else(|| not_found("conversation"))
}
