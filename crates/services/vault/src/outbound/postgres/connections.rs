use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId, Revision};
use harken_intercom::Workspace;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, word};
use crate::rules::connection::{Connection, End, Method, Policy, State};

/// The index that lets a workspace be connected to one organization at a time.
pub(crate) const BY_WORKSPACE: &str = "connections_by_workspace";
/// The index that gives an organization one connection per workspace, purged ones aside.
pub(crate) const OF_ORGANIZATION: &str = "connections_of_organization";

struct Row {
    id: Uuid,
    organization_id: Uuid,
    workspace_id: String,
    workspace_name: String,
    region: String,
    timezone: String,
    method: String,
    state: String,
    state_reason: String,
    data_policy: String,
    on_disconnect: String,
    connected_by: String,
    connected_at: DateTime<Utc>,
    disconnected_at: Option<DateTime<Utc>>,
    revision: i64,
}

impl TryFrom<Row> for Connection {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        const TABLE: &str = "connections";
        let inconsistent = |column| StoreError::Inconsistent {
            table: TABLE,
            column,
        };
        Ok(Self {
            id: ConnectionId::from_uuid(row.id),
            organization: OrganizationId::from_uuid(row.organization_id),
            workspace: Workspace {
                id: row.workspace_id,
                name: row.workspace_name,
                region: word(&row.region, TABLE, "region")?,
                timezone: row.timezone,
            },
            method: Method::ALL
                .into_iter()
                .find(|method| method.as_str() == row.method)
                .ok_or_else(|| inconsistent("method"))?,
            state: state(&row.state, row.state_reason, row.disconnected_at)
                .ok_or_else(|| inconsistent("state"))?,
            policy: Policy {
                data: word(&row.data_policy, TABLE, "data_policy")?,
                on_disconnect: word(&row.on_disconnect, TABLE, "on_disconnect")?,
            },
            connected_by: row.connected_by,
            connected_at: row.connected_at,
            revision: Revision(row.revision),
        })
    }
}

fn state(word: &str, reason: String, at: Option<DateTime<Utc>>) -> Option<State> {
    let end = End { reason, at };
    Some(match word {
        "connected" => State::Connected,
        "disconnected" => State::Disconnected(end),
        "disconnecting" => State::Disconnecting(end),
        "purged" => State::Purged(end),
        _ => return None,
    })
}

/// Writes a connection that may be new.
pub(crate) async fn put(connection: &mut PgConnection, put: &Connection) -> Result<(), StoreError> {
    let state = match &put.state {
        State::Connected => "connected",
        State::Disconnected(_) => "disconnected",
        State::Disconnecting(_) => "disconnecting",
        State::Purged(_) => "purged",
    };
    let reason = put.end().map_or("", |end| end.reason.as_str());
    sqlx::query!(
        "INSERT INTO vault.connections (organization_id, id, workspace_id, workspace_name, region, timezone,
             method, state, state_reason, data_policy, on_disconnect, connected_by, connected_at, revision,
             disconnected_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (organization_id, id) DO UPDATE
         SET workspace_name = excluded.workspace_name, region = excluded.region, timezone = excluded.timezone,
             method = excluded.method, state = excluded.state, state_reason = excluded.state_reason,
             connected_by = excluded.connected_by, connected_at = excluded.connected_at,
             revision = excluded.revision, disconnected_at = excluded.disconnected_at",
        put.organization.as_uuid(),
        put.id.as_uuid(),
        put.workspace.id,
        put.workspace.name,
        put.workspace.region.as_str(),
        put.workspace.timezone,
        put.method.as_str(),
        state,
        reason,
        put.policy.data.as_str(),
        put.policy.on_disconnect.as_str(),
        put.connected_by,
        put.connected_at,
        put.revision.0,
        put.end().and_then(|end| end.at),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn get(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Option<Connection>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, workspace_id, workspace_name, region, timezone, method, state, state_reason,
                data_policy, on_disconnect, connected_by, connected_at, disconnected_at, revision
         FROM vault.connections WHERE organization_id = $1 AND id = $2",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Connection::try_from).transpose()
}

/// The connection, held still until the transaction ends.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Option<Connection>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, workspace_id, workspace_name, region, timezone, method, state, state_reason,
                data_policy, on_disconnect, connected_by, connected_at, disconnected_at, revision
         FROM vault.connections WHERE organization_id = $1 AND id = $2 FOR UPDATE",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Connection::try_from).transpose()
}

/// The organization's connection to a workspace that is not purged, held still until the transaction ends.
pub(crate) async fn lock_by_workspace(
    connection: &mut PgConnection,
    organization: OrganizationId,
    workspace_id: &str,
) -> Result<Option<Connection>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, workspace_id, workspace_name, region, timezone, method, state, state_reason,
                data_policy, on_disconnect, connected_by, connected_at, disconnected_at, revision
         FROM vault.connections WHERE organization_id = $1 AND workspace_id = $2 AND state <> 'purged'
         FOR UPDATE",
        organization.as_uuid(),
        workspace_id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(Connection::try_from).transpose()
}

/// The connected connection of a workspace, whosever it is.
pub(crate) async fn of_workspace(
    connection: &mut PgConnection,
    workspace_id: &str,
) -> Result<Option<Connection>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, workspace_id, workspace_name, region, timezone, method, state, state_reason,
                data_policy, on_disconnect, connected_by, connected_at, disconnected_at, revision
         FROM vault.connections WHERE workspace_id = $1 AND state = 'connected'",
        workspace_id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(Connection::try_from).transpose()
}

/// The organization's connections, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Vec<Connection>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, organization_id, workspace_id, workspace_name, region, timezone, method, state, state_reason,
                data_policy, on_disconnect, connected_by, connected_at, disconnected_at, revision
         FROM vault.connections WHERE organization_id = $1 ORDER BY connected_at DESC, id DESC",
        organization.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Connection::try_from).collect()
}
