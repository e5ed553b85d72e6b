//! What is true in a workspace, to compare a mirror with.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, not_found};
use crate::app::{App, Shared};
use crate::story::staff::tag_by_id;
use crate::story::{Company, Conversation, Ids, Subject};
use crate::world::{Contact, ContactLookup, Span, View};

const DAY: i64 = 86_400;
/// Records written into one chunk of a stream.
const CHUNK: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    /// Only what was updated at or after this Unix second.
    updated_since: Option<i64>,
    /// The same, as days before the simulator's epoch.
    updated_within_days: Option<i64>,
}

impl Window {
    fn span(&self, app: &App) -> Span {
        let days = self.updated_within_days.map(|days| app.epoch - days * DAY);
        let from = self.updated_since.max(days).unwrap_or(i64::MIN);
        Span { from, to: i64::MAX }
    }
}

/// Counts of everything; conversations and parts of the asked window.
pub(super) async fn summary(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Query(window): Query<Window>,
) -> Result<Json<Value>, Refused> {
    let workspace = app
        .workspace(&workspace)
        .ok_or_else(|| not_found("workspace"))?;
    let view = workspace.look();
    let (mut contacts, mut valid, mut many_tags, mut leads) = (0_u64, 0_u64, 0_u64, 0_u64);
    for (_, number) in view.contacts_by_update().walk(Span::ALL, None, true) {
        let Some(contact) = view.contact(number) else {
            continue;
        };
        contacts += 1;
        valid += u64::from(has_valid_email(&contact));
        many_tags += u64::from(contact.tags().len() > 10);
        leads += u64::from(contact.is_lead());
    }
    let (mut conversations, mut known, mut parts, mut shown) = (0_u64, 0_u64, 0_u64, 0_u64);
    for (_, number) in view
        .conversations_by_update()
        .walk(window.span(&app), None, true)
    {
        let Some(conversation) = view.conversation(number) else {
            continue;
        };
        let events = conversation.timeline.events.len() as u64;
        conversations += 1;
        known += u64::from(known_customer(&view, &conversation));
        parts += events;
        shown += events.min(500);
    }
    Ok(Json(json!({
        "contacts": contacts,
        "contacts_with_valid_email": valid,
        "contacts_with_more_than_10_tags": many_tags,
        "leads": leads,
        "companies": view.story().companies(),
        "companies_with_users": view.story().companies_by_request.len(),
        "conversations": conversations,
        "conversations_with_known_contact": known,
        "parts": parts,
        "parts_shown": shown,
    })))
}

/// Every contact, a line each, oldest update first.
pub(super) async fn contacts(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Query(window): Query<Window>,
) -> Result<Response, Refused> {
    let numbers: Vec<u64> = {
        let found = app
            .workspace(&workspace)
            .ok_or_else(|| not_found("workspace"))?;
        let view = found.look();
        let walk = view
            .contacts_by_update()
            .walk(window.span(&app), None, true);
        walk.map(|(_, number)| number).collect()
    };
    Ok(lines(app, workspace, &numbers, |view, number| {
        Some(contact_line(&view.contact(number)?))
    }))
}

/// Every conversation, a line each, oldest update first.
pub(super) async fn conversations(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Query(window): Query<Window>,
) -> Result<Response, Refused> {
    let numbers: Vec<u64> = {
        let found = app
            .workspace(&workspace)
            .ok_or_else(|| not_found("workspace"))?;
        let view = found.look();
        let walk = view
            .conversations_by_update()
            .walk(window.span(&app), None, true);
        walk.map(|(_, number)| number).collect()
    };
    Ok(lines(app, workspace, &numbers, |view, number| {
        Some(conversation_line(view, &view.conversation(number)?))
    }))
}

/// Every company, a line each.
pub(super) async fn companies(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<Response, Refused> {
    let found = app
        .workspace(&workspace)
        .ok_or_else(|| not_found("workspace"))?;
    let numbers: Vec<u64> = (0..found.story.companies()).collect();
    Ok(lines(app, workspace, &numbers, |view, number| {
        let company = view.story().company(number)?;
        Some(json!({
            "id": company.id(),
            "name": view.company_name(&company),
            "plan": company.plan().map(|(_, name)| name),
            "updated_at": view.company_updated_at(&company),
        }))
    }))
}

/// What is no longer in any list, and how that came: `deleted`, `merged` (with `into`) or `archived`.
pub(super) async fn gone(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<Json<Value>, Refused> {
    let found = app
        .workspace(&workspace)
        .ok_or_else(|| not_found("workspace"))?;
    let view = found.look();
    let ids = &view.story().ids;
    let contact = |number: u64| ids.subject(Subject::Contact(number));
    let changes = &view.changes;
    let lost = changes
        .gone_contacts
        .iter()
        .map(|number| match changes.merged.get(number) {
            Some((into, at)) => {
                json!({ "kind": "contact", "id": contact(*number), "how": "merged",
                        "into": contact(*into), "at": at })
            }
            None => json!({ "kind": "contact", "id": contact(*number), "how": "deleted" }),
        });
    let archived = changes
        .archived
        .iter()
        .map(|number| json!({ "kind": "contact", "id": contact(*number), "how": "archived" }));
    let deleted = changes.deleted_conversations.iter().map(|(number, at)| {
        let id = ids.conversation(*number).to_string();
        json!({ "kind": "conversation", "id": id, "how": "deleted", "at": at })
    });
    Ok(Json(lost.chain(archived).chain(deleted).collect()))
}

type Line = fn(&View<'_>, u64) -> Option<Value>;

fn lines(app: Shared, workspace: String, numbers: &[u64], line: Line) -> Response {
    let chunks: Vec<Arc<[u64]>> = numbers.chunks(CHUNK).map(Arc::from).collect();
    let written = chunks.into_iter().map(move |numbers| {
        let mut text = Vec::new();
        if let Some(workspace) = app.workspace(&workspace) {
            let view = workspace.look();
            for value in numbers.iter().filter_map(|&number| line(&view, number)) {
                serde_json::to_writer(&mut text, &value)?;
                text.push(b'\n');
            }
        }
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    let body = Body::from_stream(futures::stream::iter(written));
    ([("content-type", "application/x-ndjson")], body).into_response()
}

fn contact_line(contact: &Contact<'_>) -> Value {
    let (last_replied_at, _) = contact.last_words();
    json!({
        "id": contact.id(),
        "external_id": contact.external_id(),
        "role": if contact.is_lead() { "lead" } else { "user" },
        "email": contact.email(),
        "valid_email": has_valid_email(contact),
        "name": contact.name(),
        "created_at": contact.created_at(),
        "updated_at": contact.updated_at(),
        "last_seen_at": contact.last_seen_at(),
        "last_replied_at": last_replied_at,
        "tags": contact.tags().iter().map(|tag| tag.name).collect::<Vec<_>>(),
        "companies": contact.companies().iter().map(Company::id).collect::<Vec<_>>(),
    })
}

fn conversation_line(view: &View<'_>, conversation: &Conversation<'_>) -> Value {
    let standing = conversation.standing();
    let statistics = &standing.statistics;
    let contacts: Vec<String> = conversation
        .customers
        .iter()
        .map(|customer| view.story().ids.subject(customer.subject))
        .collect();
    json!({
        "id": conversation.id().to_string(),
        "contacts": contacts,
        "customers": customers(view, conversation),
        "known_contact": known_customer(view, conversation),
        "merged_into": merged_into(view, conversation),
        "state": standing.state.word(),
        "created_at": conversation.timeline.starts_at,
        "updated_at": conversation.updated_at,
        "title": conversation.title(&standing),
        "parts": conversation.timeline.events.len(),
        "part_ids": part_ids(conversation),
        "redacted": conversation.redacted.len(),
        "redacted_part_ids": redacted_part_ids(conversation),
        "admin_assignee_id": standing.admin,
        "team_assignee_id": standing.team,
        "waiting_since": standing.waiting_since,
        "priority": standing.priority.word(),
        "rating": standing.rating.as_ref().map(|rating| rating.score),
        "time_to_admin_reply": statistics.time_to_admin_reply,
        "time_to_last_close": statistics.time_to_last_close,
        "count_reopens": statistics.count_reopens,
        "count_assignments": statistics.count_assignments,
        "tags": standing.tags.iter().map(|(id, ..)| id.to_string()).collect::<Vec<_>>(),
        "tag_names": standing.tags.iter().filter_map(|(id, ..)| Some(tag_by_id(*id)?.name)).collect::<Vec<_>>(),
    })
}

/// Who takes part and can be read, each once; of merged leads, who they became.
fn customers(view: &View<'_>, conversation: &Conversation<'_>) -> Vec<String> {
    let customers = conversation.customers.iter();
    let customers = customers.filter_map(|customer| Some(view.customer(customer.subject)?.id()));
    let mut customers: Vec<String> = customers.collect();
    customers.sort_unstable();
    customers.dedup();
    customers
}

/// Those that Intercom shows: the latest 500.
fn part_ids(conversation: &Conversation<'_>) -> Vec<String> {
    let parts = conversation.timeline.events.len() as u64;
    let shown = parts.saturating_sub(500)..parts;
    shown
        .map(|index| Ids::part(conversation.number, index).to_string())
        .collect()
}

/// `source` is the first message.
fn redacted_part_ids(conversation: &Conversation<'_>) -> Vec<String> {
    let redacted = conversation.redacted.iter();
    redacted
        .map(|(part, _)| match part {
            Some(index) => Ids::part(conversation.number, *index).to_string(),
            None => "source".to_owned(),
        })
        .collect()
}

/// Whether a participant is a contact that can be read.
fn known_customer(view: &View<'_>, conversation: &Conversation<'_>) -> bool {
    conversation
        .customers
        .iter()
        .any(|customer| match customer.subject {
            Subject::Contact(number) => view.contact(number).is_some(),
            _ => false,
        })
}

fn merged_into(view: &View<'_>, conversation: &Conversation<'_>) -> Option<String> {
    let id = view.story().ids.subject(conversation.customers[0].subject);
    match view.find_contact(&id) {
        ContactLookup::Merged(survivor) => Some(survivor),
        ContactLookup::Found(_) | ContactLookup::Unknown => None,
    }
}

fn has_valid_email(contact: &Contact<'_>) -> bool {
    contact.email().is_some_and(|email| email.contains('@'))
}
