use std::collections::{BTreeSet, HashMap};

use harken_domain::{ConnectionId, DataPolicy, OrganizationId, Revision};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Inconsistent, StoreError};

/// What sync knows of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectionRow {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    pub(crate) data_policy: DataPolicy,
    pub(crate) is_open: bool,
    pub(crate) state_reason: String,
    /// No workspace stands behind it.
    pub(crate) is_synthetic: bool,
    /// It ended for good: nothing of it is kept any more.
    pub(crate) is_erased: bool,
}

/// What is told when a connection opens.
#[derive(Clone, Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    pub(crate) workspace_id: &'a str,
    pub(crate) timezone: &'a str,
    pub(crate) data_policy: DataPolicy,
    pub(crate) revision: Revision,
    pub(crate) is_synthetic: bool,
}

/// Takes in that a connection opened, unless something newer is known; whether it was news.
pub(crate) async fn open(
    store: &mut PgConnection,
    opening: &Opening<'_>,
) -> Result<bool, sqlx::Error> {
    let written = sqlx::query!(
        "INSERT INTO sync.connections AS held
             (connection_id, organization_id, workspace_id, timezone, data_policy, state, revision, is_synthetic)
         VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)
         ON CONFLICT (connection_id) DO UPDATE
         SET workspace_id = excluded.workspace_id, timezone = excluded.timezone, data_policy = excluded.data_policy,
             state = 'open', state_reason = '', revision = excluded.revision
         WHERE held.revision < excluded.revision AND held.organization_id = excluded.organization_id",
        opening.connection.as_uuid(),
        opening.organization.as_uuid(),
        opening.workspace_id,
        opening.timezone,
        opening.data_policy.as_str(),
        opening.revision.0,
        opening.is_synthetic,
    )
    .execute(store)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// Takes in that a connection closed, unless something newer is known; whether it was news.
pub(crate) async fn close(
    store: &mut PgConnection,
    connection: ConnectionId,
    organization: OrganizationId,
    (reason, is_synthetic): (&str, bool),
    revision: Revision,
) -> Result<bool, sqlx::Error> {
    // A closing may overtake its opening, which must not open it again: the row is made either way.
    let written = sqlx::query!(
        "INSERT INTO sync.connections AS held
             (connection_id, organization_id, workspace_id, timezone, data_policy, state, state_reason, revision,
              is_synthetic)
         VALUES ($1, $2, '', '', 'metadata_only', 'closed', $3, $4, $5)
         ON CONFLICT (connection_id) DO UPDATE
         SET state = 'closed', state_reason = excluded.state_reason, revision = excluded.revision
         WHERE held.revision < excluded.revision AND held.organization_id = excluded.organization_id",
        connection.as_uuid(),
        organization.as_uuid(),
        reason,
        revision.0,
        is_synthetic,
    )
    .execute(store)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// A connection of an organization; none if it is unknown or another's.
pub(crate) async fn find(
    store: &mut PgConnection,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<Option<ConnectionRow>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT connection_id, organization_id, data_policy, state, state_reason, is_synthetic,
                state = 'closed' AND EXISTS (
                    SELECT FROM sync.erasures AS e
                    WHERE (e.connection_id, e.revision) = (c.connection_id, c.revision)) AS "is_erased!"
         FROM sync.connections AS c
         WHERE connection_id = $1 AND organization_id = $2"#,
        connection.as_uuid(),
        organization.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    row.map(ConnectionRow::try_from)
        .transpose()
        .map_err(Into::into)
}

/// Locks connections until the end of the transaction, in order of their ids: whoever writes a mirror holds its lock, so
/// that what follows from several records is never worked out from half of them.
pub(crate) async fn lock(
    store: &mut PgConnection,
    connections: &BTreeSet<ConnectionId>,
) -> Result<HashMap<ConnectionId, ConnectionRow>, StoreError> {
    let ids: Vec<Uuid> = connections.iter().map(ConnectionId::as_uuid).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT connection_id, organization_id, data_policy, state, state_reason, is_synthetic,
                state = 'closed' AND EXISTS (
                    SELECT FROM sync.erasures AS e
                    WHERE (e.connection_id, e.revision) = (c.connection_id, c.revision)) AS "is_erased!"
         FROM sync.connections AS c
         WHERE connection_id = ANY ($1) ORDER BY connection_id FOR NO KEY UPDATE OF c"#,
        &ids,
    )
    .fetch_all(store)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let row = ConnectionRow::try_from(row)?;
        Ok((row.connection, row))
    });
    rows.collect()
}

struct Row {
    connection_id: Uuid,
    organization_id: Uuid,
    data_policy: String,
    state: String,
    state_reason: String,
    is_synthetic: bool,
    is_erased: bool,
}

impl TryFrom<Row> for ConnectionRow {
    type Error = Inconsistent;

    fn try_from(row: Row) -> Result<Self, Inconsistent> {
        let inconsistent = |_| Inconsistent {
            table: "connections",
            column: "data_policy",
        };
        Ok(Self {
            connection: ConnectionId::from_uuid(row.connection_id),
            organization: OrganizationId::from_uuid(row.organization_id),
            data_policy: row.data_policy.parse().map_err(inconsistent)?,
            is_open: row.state == "open",
            state_reason: row.state_reason,
            is_synthetic: row.is_synthetic,
            is_erased: row.is_erased,
        })
    }
}

/// Every connection of an organization, closed ones included.
pub(crate) async fn of_organization(
    store: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Vec<ConnectionId>, sqlx::Error> {
    let ids = sqlx::query_scalar!(
        "SELECT connection_id FROM sync.connections WHERE organization_id = $1 ORDER BY connection_id",
        organization.as_uuid(),
    )
    .fetch_all(store)
    .await?;
    Ok(ids.into_iter().map(ConnectionId::from_uuid).collect())
}
