use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::vault::v1 as wire;
use harken_domain::{ConnectionId, DataPolicy, OnDisconnect, Role, Secret};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{moment, text};
use super::caller::Caller;
use super::reading::{Sent, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;

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
    /// `connected` or `disconnected`.
    state: &'static str,
    /// Why it is in this state; absent when all is well.
    state_reason: Option<String>,
    /// `full` or `metadata_only`.
    data_policy: Option<&'static str>,
    /// `retain` or `purge`.
    on_disconnect: Option<&'static str>,
    /// Name of the member who connected it; absent where an API key did.
    connected_by: Option<String>,
    connected_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    revision: i64,
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
    let connections = caller.asking().connections().await?;
    Ok(Json(Connections {
        connections: connections.into_iter().map(Connection::from).collect(),
    }))
}

/// Connects a workspace with an access token. The first sync starts by itself. Needs the role admin.
#[utoipa::path(post, path = "/connections", operation_id = "connect", tag = "connections", request_body = NewConnection,
    responses((status = 201, description = "The connection", body = Connection), Problem))]
pub(crate) async fn create(
    caller: Caller,
    Sent(sent): Sent<NewConnection>,
) -> Refused<(StatusCode, Json<Connection>)> {
    caller.require(Role::Admin)?;
    let token = Secret::new(sent.access_token.trim());
    if token.expose().is_empty() {
        return Err(Refusal::field("access_token", "is empty"));
    }
    let connected = caller.asking().connect_with_token(&token).await;
    let connection = connected.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    Ok((StatusCode::CREATED, Json(connection.into())))
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
    Ok(Json(caller.asking().connection(connection).await?.into()))
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
    Ok(Json(caller.asking().disconnect(connection).await?.into()))
}

impl From<wire::Connection> for Connection {
    fn from(wire: wire::Connection) -> Self {
        Self {
            method: match wire.method() {
                wire::ConnectionMethod::Oauth => Some("oauth"),
                wire::ConnectionMethod::AccessToken => Some("access_token"),
                wire::ConnectionMethod::Synthetic => Some("synthetic"),
                wire::ConnectionMethod::Unspecified => None,
            },
            state: match wire.state() {
                wire::ConnectionState::Connected => "connected",
                _ => "disconnected",
            },
            data_policy: DataPolicy::try_from(wire.data_policy())
                .ok()
                .map(DataPolicy::as_str),
            on_disconnect: OnDisconnect::try_from(wire.on_disconnect())
                .ok()
                .map(OnDisconnect::as_str),
            connected_at: moment(wire.connected_at.as_ref()),
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
