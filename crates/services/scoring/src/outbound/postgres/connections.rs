use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OrganizationId, Revision};
use sqlx::PgConnection;
use uuid::Uuid;

/// A connection that is locked until the transaction ends: its signals and scores change one transaction after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entered {
    pub(crate) connection: ConnectionId,
    /// It ended for good: nothing of it is kept.
    pub(crate) is_erased: bool,
    /// Whether its organization chose a configuration of its own.
    pub(crate) is_configured: bool,
}

/// Locks the connections; those that were not heard of before are known from now on.
pub(crate) async fn enter(
    db: &mut PgConnection,
    connections: &BTreeMap<ConnectionId, OrganizationId>,
) -> Result<Vec<Entered>, sqlx::Error> {
    let entered = lock(db, connections).await?;
    if entered.len() == connections.len() {
        return Ok(entered);
    }
    let (ids, organizations): (Vec<Uuid>, Vec<Uuid>) = connections
        .iter()
        .map(|(connection, organization)| (connection.as_uuid(), organization.as_uuid()))
        .unzip();
    sqlx::query!(
        "INSERT INTO scoring.connections (connection_id, organization_id)
         SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING",
        &ids,
        &organizations,
    )
    .execute(&mut *db)
    .await?;
    lock(db, connections).await
}

async fn lock(
    db: &mut PgConnection,
    connections: &BTreeMap<ConnectionId, OrganizationId>,
) -> Result<Vec<Entered>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT connection_id,
             NOT is_open AND EXISTS (
                 SELECT FROM scoring.erasures AS e
                 WHERE (e.connection_id, e.revision) = (c.connection_id, c.revision)) AS "is_erased!",
             EXISTS (SELECT FROM scoring.configurations AS own
                     WHERE own.organization_id = c.organization_id) AS "is_configured!"
         FROM scoring.connections AS c
         WHERE connection_id = ANY ($1) ORDER BY connection_id FOR NO KEY UPDATE OF c"#,
        &connections
            .keys()
            .map(ConnectionId::as_uuid)
            .collect::<Vec<_>>(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Entered {
            connection: ConnectionId::from_uuid(row.connection_id),
            is_erased: row.is_erased,
            is_configured: row.is_configured,
        })
        .collect())
}

/// A connection's state as its opening or closing tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionState {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    /// Told at the opening alone.
    pub(crate) data_policy: Option<DataPolicy>,
    pub(crate) is_open: bool,
    /// Whether it exists for a drill.
    pub(crate) is_synthetic: bool,
    /// Whether it is closed and leaves nothing behind.
    pub(crate) is_erased: bool,
    pub(crate) revision: Revision,
}

/// Keeps the newest state heard of; whether this is it.
pub(crate) async fn note(
    db: &mut PgConnection,
    state: ConnectionState,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"INSERT INTO scoring.connections
             (connection_id, organization_id, data_policy, is_open, is_synthetic, revision)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (connection_id) DO UPDATE
         SET data_policy = coalesce(EXCLUDED.data_policy, connections.data_policy),
             is_open = CASE WHEN connections.revision < EXCLUDED.revision
                            THEN EXCLUDED.is_open ELSE connections.is_open END,
             is_synthetic = connections.is_synthetic OR EXCLUDED.is_synthetic,
             revision = greatest(connections.revision, EXCLUDED.revision)
         RETURNING revision = $6 AS "is_news!""#,
        state.connection.as_uuid(),
        state.organization.as_uuid(),
        state.data_policy.map(DataPolicy::as_str),
        state.is_open,
        state.is_synthetic,
        state.revision.0,
    )
    .fetch_one(db)
    .await
}

/// Locks the open connection whose scores have waited longest for a new evaluation; passes by those that are locked.
pub(crate) async fn enter_overdue(
    db: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Option<Entered>, sqlx::Error> {
    let overdue = sqlx::query!(
        r#"SELECT connection_id,
             EXISTS (SELECT FROM scoring.configurations AS own
                     WHERE own.organization_id = c.organization_id) AS "is_configured!"
         FROM scoring.connections AS c
         WHERE is_open AND EXISTS (
             SELECT FROM scoring.scores AS s
             WHERE s.connection_id = c.connection_id AND s.next_evaluation_at <= $1)
         ORDER BY (
             SELECT min(s.next_evaluation_at) FROM scoring.scores AS s
             WHERE s.connection_id = c.connection_id)
         LIMIT 1
         FOR NO KEY UPDATE OF c SKIP LOCKED"#,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(overdue.map(|row| Entered {
        connection: ConnectionId::from_uuid(row.connection_id),
        is_erased: false,
        is_configured: row.is_configured,
    }))
}

/// Whether an organization has this connection.
pub(crate) async fn is_known(
    db: &mut PgConnection,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM scoring.connections
           WHERE connection_id = $1 AND organization_id = $2) AS "known!""#,
        connection.as_uuid(),
        organization.as_uuid(),
    )
    .fetch_one(db)
    .await
}
