use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OrganizationId, Revision};
use sqlx::PgConnection;
use uuid::Uuid;

/// Makes sure that the connections are known, and locks them until the transaction ends: signals and scores of a
/// connection change one transaction after the other.
pub(crate) async fn enter(
    db: &mut PgConnection,
    connections: &[(ConnectionId, OrganizationId)],
) -> Result<(), sqlx::Error> {
    let (ids, organizations): (Vec<Uuid>, Vec<Uuid>) = connections
        .iter()
        .map(|(connection, organization)| (connection.as_uuid(), organization.as_uuid()))
        .unzip();
    sqlx::query!(
        "INSERT INTO scoring.connections (connection_id, organization_id)
         SELECT DISTINCT ON (connection_id) connection_id, organization_id
         FROM unnest($1::uuid[], $2::uuid[]) AS new (connection_id, organization_id)
         ORDER BY connection_id
         ON CONFLICT DO NOTHING",
        &ids,
        &organizations,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "SELECT connection_id FROM scoring.connections
         WHERE connection_id = ANY ($1) ORDER BY connection_id FOR NO KEY UPDATE",
        &ids,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// A connection's state as its opening or closing tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionState {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    /// Told at the opening alone.
    pub(crate) data_policy: Option<DataPolicy>,
    pub(crate) is_open: bool,
    pub(crate) revision: Revision,
}

/// Keeps the newest state heard of.
pub(crate) async fn note(db: &mut PgConnection, state: ConnectionState) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO scoring.connections
             (connection_id, organization_id, data_policy, is_open, revision)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (connection_id) DO UPDATE
         SET data_policy = coalesce(EXCLUDED.data_policy, connections.data_policy),
             is_open = CASE WHEN connections.revision < EXCLUDED.revision
                            THEN EXCLUDED.is_open ELSE connections.is_open END,
             revision = greatest(connections.revision, EXCLUDED.revision)",
        state.connection.as_uuid(),
        state.organization.as_uuid(),
        state.data_policy.map(DataPolicy::as_str),
        state.is_open,
        state.revision.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Locks the open connection whose scores have waited longest for a new evaluation; passes by those that are locked.
pub(crate) async fn enter_overdue(
    db: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Option<ConnectionId>, sqlx::Error> {
    let overdue = sqlx::query_scalar!(
        "SELECT connection_id FROM scoring.connections AS c
         WHERE is_open AND EXISTS (
             SELECT FROM scoring.scores AS s
             WHERE s.connection_id = c.connection_id AND s.next_evaluation_at <= $1)
         ORDER BY (
             SELECT min(s.next_evaluation_at) FROM scoring.scores AS s
             WHERE s.connection_id = c.connection_id)
         LIMIT 1
         FOR NO KEY UPDATE SKIP LOCKED",
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(overdue.map(ConnectionId::from_uuid))
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
