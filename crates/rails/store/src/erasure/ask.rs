use harken_domain::{ConnectionId, OrganizationId, Revision};
use sqlx::PgConnection;
use uuid::Uuid;

/// A connection whose every trace is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The connection.
    pub connection: ConnectionId,
    /// Its organization.
    pub organization: OrganizationId,
    /// Revision of the closing that asks for it.
    pub revision: Revision,
}

/// Takes down that everything of a connection is to be erased, in the transaction that takes in its end. Asked again, it is
/// asked once.
pub async fn ask(db: &mut PgConnection, asked: Asked) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO erasures AS e (connection_id, organization_id, revision) VALUES ($1, $2, $3)
         ON CONFLICT (connection_id) DO UPDATE SET revision = excluded.revision, erased_at = NULL
         WHERE e.revision < excluded.revision",
    )
    .bind(asked.connection.as_uuid())
    .bind(asked.organization.as_uuid())
    .bind(asked.revision.0)
    .execute(db)
    .await?;
    Ok(())
}

/// What is asked for and not done, oldest first.
pub(super) async fn unfinished(db: &mut PgConnection) -> Result<Vec<Asked>, sqlx::Error> {
    let rows: Vec<(Uuid, Uuid, i64)> = sqlx::query_as(
        "SELECT connection_id, organization_id, revision FROM erasures WHERE erased_at IS NULL
         ORDER BY asked_at LIMIT 100",
    )
    .fetch_all(db)
    .await?;
    let asked = |(connection, organization, revision)| Asked {
        connection: ConnectionId::from_uuid(connection),
        organization: OrganizationId::from_uuid(organization),
        revision: Revision(revision),
    };
    Ok(rows.into_iter().map(asked).collect())
}

/// Whether it is still to be done. Held until the transaction ends, so that one process at a time does it.
pub(super) async fn lock(db: &mut PgConnection, asked: &Asked) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT revision FROM erasures WHERE connection_id = $1 AND erased_at IS NULL FOR UPDATE",
    )
    .bind(asked.connection.as_uuid())
    .fetch_optional(db)
    .await?;
    Ok(found == Some(asked.revision.0))
}

/// What was erased so far, by place.
pub(super) async fn counts(
    db: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT place, count FROM erased_counts WHERE connection_id = $1 ORDER BY place")
        .bind(connection.as_uuid())
        .fetch_all(db)
        .await
}

pub(super) async fn finish(db: &mut PgConnection, asked: &Asked) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE erasures SET erased_at = clock_timestamp() WHERE connection_id = $1")
        .bind(asked.connection.as_uuid())
        .execute(db)
        .await?;
    Ok(())
}
