use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::dead::v1 as wire;
use harken_domain::ConnectionId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::body::{PageInfo, moment};
use super::caller::Caller;
use super::reading::{Asked, Sent, optional_id, slice};
use crate::app::Disposal;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;

/// Something that a part of Harken could not take in, kept whole for 90 days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetter {
    /// Grows with time.
    dead_letter_id: u64,
    connection_id: String,
    /// The service that could not take it.
    service: String,
    /// Why, a word from a short list.
    reason: String,
    /// What went wrong, without content.
    error: String,
    /// Such as `webhook.v1.received`.
    event_type: String,
    /// Id under which its readers know it.
    message_id: String,
    /// Where it was told.
    subject: String,
    /// Times it was tried.
    attempts: u64,
    /// When it was given up.
    died_at: Option<DateTime<Utc>>,
    size_bytes: u64,
}

/// A dead letter and what it carries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterWithMessage {
    #[serde(flatten)]
    dead_letter: DeadLetter,
    /// What it carries; absent for viewers, and where its type is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
}

/// A slice of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetters {
    /// Newest first.
    dead_letters: Vec<DeadLetter>,
    page: PageInfo,
}

/// Which ones; everything given has to fit.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only of this connection, `con_…`.
    connection_id: Option<String>,
    /// Only of this service.
    service: Option<String>,
    /// Only of this reason.
    reason: Option<String>,
    /// Only those given up at or after this.
    died_since: Option<DateTime<Utc>>,
    /// Only those given up before this.
    died_before: Option<DateTime<Utc>>,
    /// Most entries to answer, 1 to 500; 50 if absent.
    page_size: Option<u32>,
    /// `next_page_token` of the previous slice.
    page_token: Option<String>,
}

/// Which ones leave; everything given has to fit, and nothing given means all.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Leaving {
    /// Only these.
    dead_letter_ids: Vec<u64>,
    /// Only of this connection, `con_…`.
    connection_id: Option<String>,
    /// Only of this service.
    service: Option<String>,
    /// Only of this reason.
    reason: Option<String>,
    /// Only those given up at or after this.
    died_since: Option<DateTime<Utc>>,
    /// Only those given up before this.
    died_before: Option<DateTime<Utc>>,
    /// Whether to say only what would happen.
    dry_run: bool,
}

/// What was done, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisposalReport {
    /// How many it concerns.
    count: u64,
    /// How many of the selection are left: one call does a few thousand.
    remaining: u64,
    /// Some of them, newest first, at most 20.
    sample: Vec<DeadLetter>,
    /// Whether nothing was done yet.
    dry_run: bool,
}

/// Lists dead letters, newest first.
#[utoipa::path(get, path = "/dead-letters", operation_id = "listDeadLetters", tag = "dead letters", params(Wanted),
    responses((status = 200, description = "The dead letters", body = DeadLetters), Problem))]
pub(crate) async fn list(
    caller: Caller,
    Asked(asked): Asked<Wanted>,
) -> Refused<Json<DeadLetters>> {
    let selection = selection(
        asked.connection_id.as_deref(),
        (asked.service, asked.reason),
        (asked.died_since, asked.died_before),
    )?;
    let request = wire::ListDeadLettersRequest {
        selection: Some(selection),
        page: Some(slice(asked.page_size, asked.page_token)?),
    };
    let listed = caller
        .gateway
        .dead_letters
        .list(caller.acting, request)
        .await?;
    Ok(Json(DeadLetters {
        dead_letters: listed.dead_letters.into_iter().map(Into::into).collect(),
        page: listed.page.into(),
    }))
}

/// Reads a dead letter; members and above see what it carries.
#[utoipa::path(get, path = "/dead-letters/{dead_letter_id}", operation_id = "getDeadLetter", tag = "dead letters",
    params(("dead_letter_id" = u64, Path, description = "Which one")),
    responses((status = 200, description = "The dead letter", body = DeadLetterWithMessage), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(id): Path<String>,
) -> Refused<Json<DeadLetterWithMessage>> {
    let id = id
        .parse()
        .map_err(|_| Refusal::field("dead_letter_id", "is no number"))?;
    let held = caller.gateway.dead_letters.get(caller.acting, id).await?;
    Ok(Json(DeadLetterWithMessage {
        dead_letter: held.dead_letter.unwrap_or_default().into(),
        message: serde_json::from_str(&held.message_json).ok(),
    }))
}

/// Gives them back to their readers. Repeating it has no further effect. Needs the role admin; audited.
#[utoipa::path(post, path = "/dead-letters/replay", operation_id = "replayDeadLetters", tag = "dead letters", request_body = Leaving,
    responses((status = 200, description = "What was done", body = DisposalReport), Problem))]
pub(crate) async fn replay(
    caller: Caller,
    Sent(leaving): Sent<Leaving>,
) -> Refused<Json<DisposalReport>> {
    dispose(caller, leaving, Disposal::Replay).await
}

/// Gives them up for good. Needs the role admin; audited.
#[utoipa::path(post, path = "/dead-letters/drop", operation_id = "dropDeadLetters", tag = "dead letters", request_body = Leaving,
    responses((status = 200, description = "What was done", body = DisposalReport), Problem))]
pub(crate) async fn drop(
    caller: Caller,
    Sent(leaving): Sent<Leaving>,
) -> Refused<Json<DisposalReport>> {
    dispose(caller, leaving, Disposal::Drop).await
}

async fn dispose(
    caller: Caller,
    leaving: Leaving,
    disposal: Disposal,
) -> Refused<Json<DisposalReport>> {
    let selection = wire::DeadLetterSelection {
        dead_letter_ids: leaving.dead_letter_ids,
        ..selection(
            leaving.connection_id.as_deref(),
            (leaving.service, leaving.reason),
            (leaving.died_since, leaving.died_before),
        )?
    };
    let dead = &caller.gateway.dead_letters;
    let report = dead
        .dispose(caller.acting, disposal, selection, leaving.dry_run)
        .await?;
    Ok(Json(DisposalReport {
        count: report.count,
        remaining: report.remaining,
        sample: report.sample.into_iter().map(Into::into).collect(),
        dry_run: report.dry_run,
    }))
}

fn selection(
    connection: Option<&str>,
    (service, reason): (Option<String>, Option<String>),
    (since, before): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Refused<wire::DeadLetterSelection> {
    let connection: Option<ConnectionId> = optional_id("connection_id", connection)?;
    Ok(wire::DeadLetterSelection {
        dead_letter_ids: Vec::new(),
        connection_id: connection.map_or_else(String::new, |id| id.to_string()),
        service: service.unwrap_or_default(),
        reason: reason.unwrap_or_default(),
        died_since: since.map(timestamp),
        died_before: before.map(timestamp),
    })
}

impl From<wire::DeadLetter> for DeadLetter {
    fn from(wire: wire::DeadLetter) -> Self {
        Self {
            died_at: moment(wire.died_at.as_ref()),
            dead_letter_id: wire.dead_letter_id,
            connection_id: wire.connection_id,
            service: wire.service,
            reason: wire.reason,
            error: wire.error,
            event_type: wire.event_type,
            message_id: wire.message_id,
            subject: wire.subject,
            attempts: wire.attempts,
            size_bytes: wire.size_bytes,
        }
    }
}
