use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1 as wire;
use harken_domain::{ConnectionId, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::moment;
use super::caller::Caller;
use super::reading::{Sent, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;

/// Schedule and window of a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncSettings {
    /// `con_…`.
    connection_id: String,
    /// Seconds between incremental runs.
    interval_secs: u32,
    /// Days back for which a full run reads conversations.
    backfill_days: u32,
    /// Whether syncing stands still.
    is_paused: bool,
    /// Absent while it is not paused.
    paused_at: Option<DateTime<Utc>>,
    /// When the next incremental run is due; absent while paused or closed.
    next_run_at: Option<DateTime<Utc>>,
}

/// What to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedSettings {
    /// Seconds between incremental runs, 60 to 86,400.
    interval_secs: Option<u32>,
    /// Days back for which a full run reads conversations, 1 to 3,650.
    backfill_days: Option<u32>,
}

/// Reads schedule and window of a connection.
#[utoipa::path(get, path = "/connections/{connection_id}/settings", operation_id = "getSyncSettings", tag = "runs",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The settings", body = SyncSettings), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<SyncSettings>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    Ok(Json(
        caller.asking().sync_settings(connection).await?.into(),
    ))
}

/// Changes schedule or window of a connection. Needs the role admin.
#[utoipa::path(put, path = "/connections/{connection_id}/settings", operation_id = "updateSyncSettings", tag = "runs",
    params(("connection_id" = String, Path, description = "`con_…`")), request_body = ChangedSettings,
    responses((status = 200, description = "The settings", body = SyncSettings), Problem))]
pub(crate) async fn put(
    caller: Caller,
    Path(connection): Path<String>,
    Sent(sent): Sent<ChangedSettings>,
) -> Refused<Json<SyncSettings>> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    if sent
        .interval_secs
        .is_some_and(|secs| !(60..=86_400).contains(&secs))
    {
        return Err(Refusal::field("interval_secs", "must be 60 to 86,400"));
    }
    if sent
        .backfill_days
        .is_some_and(|days| !(1..=3_650).contains(&days))
    {
        return Err(Refusal::field("backfill_days", "must be 1 to 3,650"));
    }
    let asking = caller.asking();
    let changed = asking.update_sync_settings(connection, sent.interval_secs, sent.backfill_days);
    Ok(Json(changed.await?.into()))
}

/// Stops syncing until it is resumed: a sync under way stands still where it is. Needs the role member.
#[utoipa::path(post, path = "/connections/{connection_id}/pause", operation_id = "pauseSync", tag = "runs",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The settings", body = SyncSettings), Problem))]
pub(crate) async fn pause(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<SyncSettings>> {
    caller.require(Role::Member)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    Ok(Json(caller.asking().pause_sync(connection).await?.into()))
}

/// Goes on syncing from where it stood. Needs the role member.
#[utoipa::path(post, path = "/connections/{connection_id}/resume", operation_id = "resumeSync", tag = "runs",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The settings", body = SyncSettings), Problem))]
pub(crate) async fn resume(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<SyncSettings>> {
    caller.require(Role::Member)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    Ok(Json(caller.asking().resume_sync(connection).await?.into()))
}

impl From<wire::SyncSettings> for SyncSettings {
    fn from(wire: wire::SyncSettings) -> Self {
        Self {
            paused_at: moment(wire.paused_at.as_ref()),
            next_run_at: moment(wire.next_run_at.as_ref()),
            connection_id: wire.connection_id,
            interval_secs: wire.interval_secs,
            backfill_days: wire.backfill_days,
            is_paused: wire.is_paused,
        }
    }
}
