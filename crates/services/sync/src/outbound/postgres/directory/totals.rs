use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// What the mirror of a connection holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals {
    pub(crate) customers: i64,
    pub(crate) contacts: i64,
    pub(crate) companies: i64,
    pub(crate) conversations: i64,
    pub(crate) parts: i64,
}

/// Counts what the mirror of a connection holds.
pub(crate) async fn count(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Totals, sqlx::Error> {
    sqlx::query_as!(
        Totals,
        r#"SELECT
             (SELECT count(*) FROM sync.contacts WHERE connection_id = $1 AND is_customer) AS "customers!",
             (SELECT count(*) FROM sync.contacts WHERE connection_id = $1) AS "contacts!",
             (SELECT count(*) FROM sync.companies WHERE connection_id = $1) AS "companies!",
             (SELECT count(*) FROM sync.conversations WHERE connection_id = $1) AS "conversations!",
             (SELECT coalesce(sum(parts_held), 0)::bigint FROM sync.conversations WHERE connection_id = $1) AS "parts!""#,
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}
