use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// What the mirror of a connection holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) customers: i64,
    pub(crate) contacts: i64,
    pub(crate) companies: i64,
    pub(crate) conversations: i64,
    pub(crate) parts: i64,
    pub(crate) segments: i64,
    pub(crate) attributes: i64,
}

/// Counts what the mirror of a connection holds.
pub(crate) async fn count(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Totals, sqlx::Error> {
    sqlx::query_as!(
        Totals,
        r#"WITH of_contacts AS (
             SELECT count(*) FILTER (WHERE is_customer) AS customers, count(*) AS contacts
             FROM sync.contacts WHERE connection_id = $1
           ), of_conversations AS (
             SELECT count(*) AS conversations, coalesce(sum(parts_held), 0)::bigint AS parts
             FROM sync.conversations WHERE connection_id = $1 AND customer_ids <> '{}'
           )
           SELECT customers AS "customers!", contacts AS "contacts!", conversations AS "conversations!", parts AS "parts!",
                  (SELECT count(*) FROM sync.companies WHERE connection_id = $1) AS "companies!",
                  (SELECT count(*) FROM sync.segments WHERE connection_id = $1) AS "segments!",
                  (SELECT count(*) FROM sync.attributes WHERE connection_id = $1) AS "attributes!"
           FROM of_contacts, of_conversations"#,
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}
