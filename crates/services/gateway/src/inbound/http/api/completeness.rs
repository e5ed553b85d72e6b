use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1 as wire;
use harken_domain::ConnectionId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{PageInfo, moment, text};
use super::caller::Caller;
use super::reading::{Asked, id, slice};
use crate::inbound::http::choice::value;
use crate::inbound::http::refusal::Refused;
use crate::inbound::http::render::Problem;
use crate::outbound::IncompleteList;
use crate::words::{self, INCOMPLETE_REASONS};

/// How much of what Intercom counts is held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Completeness {
    /// `con_…`.
    connection_id: String,
    /// Conversations in the mirror.
    conversations: u64,
    /// Of these, conversations of which every part is held that Intercom gives.
    conversations_complete: u64,
    /// Parts in the mirror, the opening messages included.
    parts_held: u64,
    /// Parts that Intercom counts, as far as it counts them.
    parts_counted: u64,
    /// What is lacking, by reason, most first.
    reasons: Vec<IncompleteCount>,
    /// When conversations were last held against Intercom; absent if never.
    checked_at: Option<DateTime<Utc>>,
}

/// How many records lack something for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncompleteCount {
    /// `truncated`, `waiting`, `unreadable`, `refused`, `not_found` or `cut`.
    reason: &'static str,
    /// How many records.
    count: u64,
}

/// A record of which something is lacking.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncompleteRecord {
    /// `conversation`, `contact` or `company`.
    kind: String,
    /// Intercom's id.
    external_id: String,
    /// `cnv_…` or `cus_…`; absent if it is not held.
    id: Option<String>,
    /// Why.
    reason: Option<&'static str>,
    /// What is lacking, in words.
    detail: String,
    /// What can be done, in words.
    remedy: String,
    /// Parts held; absent if it is no conversation.
    parts_held: Option<u32>,
    /// Parts that Intercom counts; absent where it does not.
    parts_counted: Option<u32>,
    /// When Intercom last changed it.
    updated_at: Option<DateTime<Utc>>,
    /// Intercom's id of the request that failed.
    intercom_request_id: Option<String>,
}

/// Records of which something is lacking, last changed first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncompleteRecords {
    records: Vec<IncompleteRecord>,
    page: PageInfo,
}

/// Which incomplete records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IncompleteAsked {
    /// Only this reason: `truncated`, `waiting`, `unreadable`, `refused`, `not_found` or `cut`.
    reason: Option<String>,
    /// Only records whose id of Intercom's begins with this.
    query: Option<String>,
    /// Most records to answer, 1 to 500; 50 if absent.
    page_size: Option<u32>,
    /// `next_page_token` of the previous slice.
    page_token: Option<String>,
}

/// Tells how much of what Intercom counts is held.
#[utoipa::path(get, path = "/connections/{connection_id}/completeness", operation_id = "getCompleteness", tag = "mirror",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The numbers", body = Completeness), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<Completeness>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    Ok(Json(caller.asking().completeness(connection).await?.into()))
}

/// Lists records of which something is lacking, with the reason and what can be done.
#[utoipa::path(get, path = "/connections/{connection_id}/incomplete", operation_id = "listIncomplete", tag = "mirror",
    params(("connection_id" = String, Path, description = "`con_…`"), IncompleteAsked),
    responses((status = 200, description = "The records", body = IncompleteRecords), Problem))]
pub(crate) async fn list(
    caller: Caller,
    Path(connection): Path<String>,
    Asked(asked): Asked<IncompleteAsked>,
) -> Refused<Json<IncompleteRecords>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let list = IncompleteList {
        reason: value("reason", INCOMPLETE_REASONS, asked.reason.as_deref())?,
        query: asked.query.unwrap_or_default(),
        page: slice(asked.page_size, asked.page_token)?,
    };
    let list = caller.asking().incomplete(connection, list).await?;
    Ok(Json(IncompleteRecords {
        records: list
            .records
            .into_iter()
            .map(IncompleteRecord::from)
            .collect(),
        page: list.page.into(),
    }))
}

impl From<wire::Completeness> for Completeness {
    fn from(wire: wire::Completeness) -> Self {
        let reasons = wire.reasons.iter().filter_map(|one| {
            Some(IncompleteCount {
                reason: words::word(INCOMPLETE_REASONS, &one.reason())?,
                count: one.count,
            })
        });
        Self {
            reasons: reasons.collect(),
            checked_at: moment(wire.checked_at.as_ref()),
            connection_id: wire.connection_id,
            conversations: wire.conversations,
            conversations_complete: wire.conversations_complete,
            parts_held: wire.parts_held,
            parts_counted: wire.parts_counted,
        }
    }
}

impl From<wire::IncompleteRecord> for IncompleteRecord {
    fn from(wire: wire::IncompleteRecord) -> Self {
        Self {
            reason: words::word(INCOMPLETE_REASONS, &wire.reason()),
            updated_at: moment(wire.updated_at.as_ref()),
            kind: wire.kind,
            external_id: wire.external_id,
            id: text(wire.id),
            detail: wire.detail,
            remedy: wire.remedy,
            parts_held: wire.parts_held,
            parts_counted: wire.parts_counted,
            intercom_request_id: text(wire.intercom_request_id),
        }
    }
}
