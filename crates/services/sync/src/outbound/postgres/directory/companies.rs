use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;
use uuid::Uuid;

/// A company in a few words.
pub(crate) struct BriefRow {
    pub(crate) connection_id: Uuid,
    pub(crate) external_id: String,
    pub(crate) name: Option<String>,
    pub(crate) plan: Option<String>,
}

/// Companies by connection and id, pair by pair; unknown ones are left out.
pub(crate) async fn find(
    store: &mut PgConnection,
    connections: &[Uuid],
    external_ids: &[&str],
) -> Result<Vec<BriefRow>, sqlx::Error> {
    sqlx::query_as!(
        BriefRow,
        "SELECT connection_id, external_id, name, plan FROM sync.companies
         WHERE (connection_id, external_id) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))",
        connections,
        external_ids as &[&str],
    )
    .fetch_all(store)
    .await
}

/// A company as it is exported.
pub(crate) struct CompanyRow {
    pub(crate) external_id: String,
    pub(crate) name: Option<String>,
    pub(crate) plan: Option<String>,
    pub(crate) monthly_spend: Option<f64>,
    pub(crate) size: Option<i64>,
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// Companies of a connection after `after`, in order of their ids.
pub(crate) async fn export(
    store: &mut PgConnection,
    connection: ConnectionId,
    after: &str,
    limit: i64,
) -> Result<Vec<CompanyRow>, sqlx::Error> {
    sqlx::query_as!(
        CompanyRow,
        "SELECT external_id, name, plan, monthly_spend, size, created_at FROM sync.companies
         WHERE connection_id = $1 AND external_id > $2 ORDER BY external_id LIMIT $3",
        connection.as_uuid(),
        after,
        limit,
    )
    .fetch_all(store)
    .await
}
