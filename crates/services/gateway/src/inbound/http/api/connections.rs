use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use futures::future::join_all;
use harken_contracts::wire::vault::v1 as wire;
use harken_domain::{ConnectionId, DataPolicy, OnDisconnect, Role, Secret};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{moment, text};
use super::caller::Caller;
use super::reading::{Sent, id};
use crate::app;
use crate::inbound::http::choice;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;
use crate::outbound::Asking;
use crate::rules::connection_status::{self, ConnectionStatus};

/// A link to one Intercom workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Connection {
    /// `con_…`.
    connection_id: String,
    /// Intercom's workspace id.
    workspace_id: String,
    /// Name of the workspace.
    workspace_name: String,
    /// `US`, `EU` or `AU`.
    region: Option<String>,
    /// IANA time zone of the workspace.
    timezone: Option<String>,
    /// `oauth` or `access_token`.
    method: Option<&'static str>,
    /// Where it is in its life: `connected`, `disconnected`, `disconnecting` or `purged`.
    state: &'static str,
    /// What it is doing: `connecting`, `syncing`, `connected`, `degraded`, `paused`, `disconnected`, `disconnecting` or
    /// `purged`.
    status: &'static str,
    /// What is lacking while it is `degraded`.
    troubles: Vec<Trouble>,
    /// Why it is in this state; absent when all is well.
    state_reason: Option<String>,
    /// `full` or `metadata_only`.
    data_policy: Option<&'static str>,
    /// `retain` or `purge`.
    on_disconnect: Option<&'static str>,
    /// Name of the member who connected it; absent where an API key did.
    connected_by: Option<String>,
    connected_at: Option<DateTime<Utc>>,
    /// Absent while connected.
    disconnected_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    revision: i64,
}

/// Something that is lacking on a connection that works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trouble {
    /// `sync_failed`, `permission_missing`, `notifications_silent` or `drift_high`.
    reason: &'static str,
    /// What is lacking, in words.
    what: String,
    /// What to do about it.
    remedy: &'static str,
}

/// An organization's connections, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Connections {
    connections: Vec<Connection>,
}

/// An access token to connect with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConnection {
    /// Access token of a private app in Intercom; sealed on arrival, never shown again.
    access_token: String,
    /// What may be kept: `full` or `metadata_only`; `full` if absent. Fixed before the first record is read.
    data_policy: Option<String>,
    /// What happens at the end: `retain` or `purge`; `retain` if absent. Fixed as well.
    on_disconnect: Option<String>,
}

/// An access token in the place of another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// Access token of the same workspace; sealed on arrival, never shown again.
    access_token: String,
}

/// A confirmation that data is to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveData {
    /// Name of the workspace, as a confirmation.
    workspace_name: String,
}

/// What a token can do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestReport {
    /// Whether every needed permission was proved.
    ok: bool,
    workspace_id: Option<String>,
    workspace_name: Option<String>,
    checks: Vec<PermissionCheck>,
}

/// One needed permission and the call that proved or refuted it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PermissionCheck {
    /// Name of the permission as Intercom's Developer Hub shows it.
    permission: String,
    /// The call, such as `GET /contacts`.
    call: String,
    granted: bool,
    /// What to do when it is missing.
    remedy: Option<String>,
    /// Intercom's request id, to quote to Intercom.
    intercom_request_id: Option<String>,
}

/// Lists connections, newest first.
#[utoipa::path(get, path = "/connections", operation_id = "listConnections", tag = "connections",
    responses((status = 200, description = "The connections", body = Connections), Problem))]
pub(crate) async fn list(caller: Caller) -> Refused<Json<Connections>> {
    let asking = caller.asking();
    let shown = asking.connections().await?.into_iter();
    let shown = shown.map(|one| shown_of(&asking, one));
    let connections = join_all(shown).await;
    Ok(Json(Connections { connections }))
}

/// Connects a workspace with an access token. The first sync starts by itself. Needs the role admin.
#[utoipa::path(post, path = "/connections", operation_id = "connect", tag = "connections", request_body = NewConnection,
    responses((status = 201, description = "The connection", body = Connection), Problem))]
pub(crate) async fn create(
    caller: Caller,
    Sent(sent): Sent<NewConnection>,
) -> Refused<(StatusCode, Json<Connection>)> {
    caller.require(Role::Admin)?;
    let terms = choice::terms(
        sent.data_policy.as_deref().unwrap_or_default(),
        sent.on_disconnect.as_deref().unwrap_or_default(),
    )?;
    let token = token(&sent.access_token)?;
    let asking = caller.asking();
    let connected = asking.connect_with_token(&token, terms).await;
    let connection = connected.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    let shown = shown_of(&asking, connection).await;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Reads a connection.
#[utoipa::path(get, path = "/connections/{connection_id}", operation_id = "getConnection", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The connection", body = Connection), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<Connection>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let asking = caller.asking();
    let found = asking.connection(connection).await?;
    Ok(Json(shown_of(&asking, found).await))
}

/// Proves each needed permission by a call to Intercom. Needs the role admin.
#[utoipa::path(post, path = "/connections/{connection_id}/test", operation_id = "testConnection", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "What the token can do", body = TestReport), Problem))]
pub(crate) async fn test(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<TestReport>> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let report = caller.asking().test_connection(connection).await;
    let report = report.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    Ok(Json(report.into()))
}

/// Ends a connection: syncing stops, its secrets are forgotten. Needs the role admin.
#[utoipa::path(post, path = "/connections/{connection_id}/disconnect", operation_id = "disconnect", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The connection", body = Connection), Problem))]
pub(crate) async fn disconnect(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<Connection>> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let asking = caller.asking();
    let ended = asking.disconnect(connection).await?;
    Ok(Json(shown_of(&asking, ended).await))
}

/// Puts another access token in the place of a connection's: what was read stays, and syncing goes on. Needs the role admin.
#[utoipa::path(post, path = "/connections/{connection_id}/token", operation_id = "replaceToken", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")), request_body = NewToken,
    responses((status = 200, description = "The connection", body = Connection), Problem))]
pub(crate) async fn replace_token(
    caller: Caller,
    Path(connection): Path<String>,
    Sent(sent): Sent<NewToken>,
) -> Refused<Json<Connection>> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let token = token(&sent.access_token)?;
    let asking = caller.asking();
    let replaced = asking.replace_token(connection, &token).await;
    let replaced = replaced.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    Ok(Json(shown_of(&asking, replaced).await))
}

/// Has everything erased that is kept of a disconnected connection; the receipts follow. Needs the role admin.
#[utoipa::path(post, path = "/connections/{connection_id}/remove-data", operation_id = "removeData", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")), request_body = RemoveData,
    responses((status = 202, description = "The connection", body = Connection), Problem))]
pub(crate) async fn remove_data(
    caller: Caller,
    Path(connection): Path<String>,
    Sent(sent): Sent<RemoveData>,
) -> Refused<(StatusCode, Json<Connection>)> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let asking = caller.asking();
    let removing = asking.remove_data(connection, sent.workspace_name).await;
    let removing = removing.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    let shown = shown_of(&asking, removing).await;
    Ok((StatusCode::ACCEPTED, Json(shown)))
}

fn token(sent: &str) -> Refused<Secret> {
    let token = Secret::new(sent.trim());
    if token.expose().is_empty() {
        return Err(Refusal::field("access_token", "is empty"));
    }
    Ok(token)
}

async fn shown_of(asking: &Asking, connection: wire::Connection) -> Connection {
    let standing = app::standing(asking, &connection).await;
    Connection::new(connection, &standing)
}

impl Connection {
    fn new(wire: wire::Connection, standing: &ConnectionStatus) -> Self {
        Self {
            status: standing.slug(),
            troubles: standing.troubles().iter().map(Trouble::from).collect(),
            method: match wire.method() {
                wire::ConnectionMethod::Oauth => Some("oauth"),
                wire::ConnectionMethod::AccessToken => Some("access_token"),
                wire::ConnectionMethod::Synthetic => Some("synthetic"),
                wire::ConnectionMethod::Unspecified => None,
            },
            state: match wire.state() {
                wire::ConnectionState::Connected => "connected",
                wire::ConnectionState::Disconnecting => "disconnecting",
                wire::ConnectionState::Purged => "purged",
                wire::ConnectionState::Disconnected | wire::ConnectionState::Unspecified => {
                    "disconnected"
                }
            },
            data_policy: DataPolicy::try_from(wire.data_policy())
                .ok()
                .map(DataPolicy::as_str),
            on_disconnect: OnDisconnect::try_from(wire.on_disconnect())
                .ok()
                .map(OnDisconnect::as_str),
            connected_at: moment(wire.connected_at.as_ref()),
            disconnected_at: moment(wire.disconnected_at.as_ref()),
            connection_id: wire.connection_id,
            workspace_id: wire.workspace_id,
            workspace_name: wire.workspace_name,
            region: text(wire.region),
            timezone: text(wire.timezone),
            state_reason: text(wire.state_reason),
            connected_by: text(wire.connected_by),
            revision: wire.revision,
        }
    }
}

impl From<&connection_status::Trouble> for Trouble {
    fn from(trouble: &connection_status::Trouble) -> Self {
        Self {
            reason: trouble.slug(),
            what: trouble.words(),
            remedy: trouble.remedy(),
        }
    }
}

impl From<wire::TestReport> for TestReport {
    fn from(wire: wire::TestReport) -> Self {
        let checks = wire.checks.into_iter().map(|check| PermissionCheck {
            permission: check.permission,
            call: check.call,
            granted: check.granted,
            remedy: text(check.remedy),
            intercom_request_id: text(check.intercom_request_id),
        });
        Self {
            ok: wire.ok,
            workspace_id: text(wire.workspace_id),
            workspace_name: text(wire.workspace_name),
            checks: checks.collect(),
        }
    }
}
