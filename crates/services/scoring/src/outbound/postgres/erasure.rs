use harken_domain::{ConnectionId, OrganizationId};
use sqlx::PgConnection;

/// Most rows of a table that go at once.
const AT_ONCE: i64 = 2_000;

/// Erases some of what is kept of a connection, its own row excepted; answers how many rows, 0 when nothing is left.
pub(crate) async fn erase_some(
    db: &mut PgConnection,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<u64, sqlx::Error> {
    // Scores and history go with their customers: a score is only kept beside one.
    let erased = sqlx::query_scalar!(
        r#"WITH gone AS MATERIALIZED (
             SELECT customer_id FROM scoring.customers
             WHERE organization_id = $1 AND connection_id = $2 LIMIT $3),
         history AS (
             DELETE FROM scoring.score_history AS h USING gone
             WHERE h.organization_id = $1 AND h.customer_id = gone.customer_id RETURNING 1),
         scores AS (
             DELETE FROM scoring.scores AS s USING gone
             WHERE s.organization_id = $1 AND s.customer_id = gone.customer_id RETURNING 1),
         customers AS (
             DELETE FROM scoring.customers AS c USING gone
             WHERE c.organization_id = $1 AND c.customer_id = gone.customer_id RETURNING 1),
         parts AS (
             DELETE FROM scoring.conversation_customers WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM scoring.conversation_customers WHERE connection_id = $2 LIMIT $3)) RETURNING 1),
         signals AS (
             DELETE FROM scoring.conversation_signals WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM scoring.conversation_signals WHERE connection_id = $2 LIMIT $3)) RETURNING 1)
         SELECT (SELECT count(*) FROM history) + (SELECT count(*) FROM scores) + (SELECT count(*) FROM customers)
             + (SELECT count(*) FROM parts) + (SELECT count(*) FROM signals) AS "rows!""#,
        organization.as_uuid(),
        connection.as_uuid(),
        AT_ONCE,
    )
    .fetch_one(db)
    .await?;
    Ok(u64::try_from(erased).unwrap_or_default())
}
