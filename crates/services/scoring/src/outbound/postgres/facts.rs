use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use harken_domain::{ConnectionId, CustomerId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::error::StoreError;
use crate::rules::{PartsHeld, Signal};

// `OFFSET 0` has rows looked up one by one by their key, whatever the planner knows of tables that are just filled.

const TABLE: &str = "scoring.conversation_signals";

struct Row {
    customer_id: Uuid,
    status: String,
    updated_at: DateTime<Utc>,
    last_closed_at: Option<DateTime<Utc>>,
    resolution_secs: Option<i64>,
    parts_complete: bool,
    parts_since: Option<DateTime<Utc>>,
    reopened_at: Vec<DateTime<Utc>>,
    reopen_count: i32,
    last_visible_message_at: Option<DateTime<Utc>>,
    last_admin_message_at: Option<DateTime<Utc>>,
    unanswered_since: Option<DateTime<Utc>>,
    unanswered_by_parts: bool,
}

impl TryFrom<Row> for Signal {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            status: row
                .status
                .parse()
                .map_err(|_| StoreError::inconsistent(TABLE, "status"))?,
            updated_at: row.updated_at,
            last_closed_at: row.last_closed_at,
            resolution_secs: row.resolution_secs,
            parts: match (row.parts_complete, row.parts_since) {
                (true, _) => PartsHeld::All,
                (false, Some(since)) => PartsHeld::Since(since),
                (false, None) => PartsHeld::None,
            },
            reopened_at: row.reopened_at,
            reopen_count: u32::try_from(row.reopen_count)
                .map_err(|_| StoreError::inconsistent(TABLE, "reopen_count"))?,
            last_visible_message_at: row.last_visible_message_at,
            last_admin_message_at: row.last_admin_message_at,
            unanswered_since: row.unanswered_since,
            unanswered_by_parts: row.unanswered_by_parts,
        })
    }
}

/// The conversations of each customer; nothing for those who have none.
pub(crate) async fn conversations(
    db: &mut PgConnection,
    customers: &[(ConnectionId, CustomerId)],
) -> Result<HashMap<CustomerId, Vec<Signal>>, StoreError> {
    let (connections, ids): (Vec<Uuid>, Vec<Uuid>) = customers
        .iter()
        .map(|(connection, customer)| (connection.as_uuid(), customer.as_uuid()))
        .unzip();
    let mut rows = sqlx::query_as!(
        Row,
        "SELECT l.customer_id, s.status, s.updated_at, s.last_closed_at, s.resolution_secs, s.parts_complete,
             s.parts_since, s.reopened_at, s.reopen_count, s.last_visible_message_at, s.last_admin_message_at,
             s.unanswered_since, s.unanswered_by_parts
         FROM unnest($1::uuid[], $2::uuid[]) AS asked (connection_id, customer_id)
         CROSS JOIN LATERAL (
             SELECT * FROM scoring.conversation_customers AS l
             WHERE l.connection_id = asked.connection_id AND l.customer_id = asked.customer_id OFFSET 0) AS l
         CROSS JOIN LATERAL (
             SELECT * FROM scoring.conversation_signals AS s
             WHERE s.connection_id = asked.connection_id AND s.conversation_id = l.conversation_id OFFSET 0) AS s
         WHERE s.status <> 'deleted'
         ORDER BY l.customer_id, l.conversation_id",
        &connections,
        &ids,
    )
    .fetch(db);
    let mut found: HashMap<CustomerId, Vec<Signal>> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let customer = CustomerId::from_uuid(row.customer_id);
        found.entry(customer).or_default().push(row.try_into()?);
    }
    Ok(found)
}
