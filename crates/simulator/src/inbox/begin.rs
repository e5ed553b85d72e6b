//! A new conversation, by a customer who is known or a lead who is new.

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::list::List;
use super::page::{Beginning, Frame};
use super::{Asked, find, rendered};
use crate::app::Shared;
use crate::story::{Channel, Voice, Words};
use crate::world::{Added, ContactLookup, Span, Started, View};

/// Customers offered to choose from.
const OFFERED: usize = 60;

#[derive(Debug, Deserialize)]
pub(super) struct Known {
    #[serde(default)]
    contact: String,
    #[serde(default)]
    problem: String,
}

pub(super) async fn form(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Query(known): Query<Known>,
) -> Response {
    let workspace = match find(&app, &workspace) {
        Ok(workspace) => workspace,
        Err(refused) => return *refused,
    };
    let asked = Asked {
        problem: known.problem,
        ..Asked::default()
    };
    let view = workspace.look();
    let recent = view.contacts_by_update().walk(Span::ALL, None, false);
    let recent = recent.filter_map(|(_, number)| view.contact(number));
    let offered = recent.filter_map(|contact| {
        let email = contact.email().filter(|email| email.contains('@'))?;
        Some((email, contact.name().unwrap_or_default()))
    });
    let page = Beginning {
        frame: Frame::of(&app, workspace, &view, &asked),
        list: List::of(&view, &asked, None, app.now_secs()),
        contact: known.contact,
        known: offered.take(OFFERED).collect(),
    };
    rendered(StatusCode::OK, &page)
}

#[derive(Debug, Deserialize)]
pub(super) struct Begun {
    /// `known` or `lead`.
    who: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    text: String,
}

pub(super) async fn begin(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Form(begun): Form<Begun>,
) -> Response {
    let workspace = match find(&app, &workspace) {
        Ok(workspace) => workspace,
        Err(refused) => return *refused,
    };
    let at = app.now_secs();
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let contact = if begun.who == "lead" {
        let added = Added {
            name: given(&begun.name),
            email: given(&begun.email),
            external_id: Some(app.request_id()),
            lead: true,
            at,
        };
        app.add_contact(workspace, added)
            .map_err(|refused| refused.to_string())
    } else {
        let wanted = begun.contact.trim();
        lookup(&workspace.look(), wanted).ok_or_else(|| format!("No customer is “{wanted}”."))
    };
    let started = contact.and_then(|contact| {
        let text = given(&begun.text).ok_or_else(|| "Write something first.".to_owned())?;
        let started = Started {
            contact,
            by: Voice::Customer(0),
            words: Words::given(&text),
            topic: 0,
            channel: Channel::Messenger,
            at,
        };
        app.start_conversation(workspace, started)
            .map_err(|refused| refused.to_string())
    });
    let to = match started {
        Ok(made) => {
            let id = workspace.story.ids.conversation(made.number);
            format!("/inbox/{}/{id}", workspace.key)
        }
        Err(problem) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("problem", &problem);
            query.append_pair("contact", &begun.contact);
            format!("/inbox/{}/new?{}", workspace.key, query.finish())
        }
    };
    Redirect::to(&to).into_response()
}

/// The contact of this id or e-mail address; the one that moved last where several share it.
fn lookup(view: &View<'_>, wanted: &str) -> Option<u64> {
    if let ContactLookup::Found(contact) = view.find_contact(wanted) {
        return Some(contact.person.number);
    }
    let all = view.contacts_by_update().walk(Span::ALL, None, false);
    let mut numbers = all.map(|(_, number)| number);
    numbers.find(|number| {
        let email = view.contact(*number).and_then(|contact| contact.email());
        email.is_some_and(|email| email.eq_ignore_ascii_case(wanted))
    })
}
