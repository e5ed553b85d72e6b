//! What every service erased of a connection.

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

use super::StoreError;

/// What one service erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub service: String,
    pub erased_at: DateTime<Utc>,
    /// Rows by table, or messages by stream; by name.
    pub erased: Vec<(String, u64)>,
}

/// Keeps that a service has answered; whether this is its first answer.
pub(crate) async fn insert(
    postgres: &mut PgConnection,
    id: ConnectionId,
    service: &str,
    erased_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query!(
        "INSERT INTO vault.erasure_receipts (connection_id, service, erased_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        id.as_uuid(),
        service,
        erased_at,
    )
    .execute(postgres)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Counts what was erased in these places on top of what was counted before.
pub(crate) async fn count(
    postgres: &mut PgConnection,
    id: ConnectionId,
    service: &str,
    erased: &[(&str, u64)],
) -> Result<(), StoreError> {
    let (places, counts) = columns(erased);
    sqlx::query!(
        "INSERT INTO vault.erasure_counts AS c (connection_id, service, place, count)
         SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[])
         ON CONFLICT (connection_id, service, place) DO UPDATE SET count = c.count + excluded.count",
        id.as_uuid(),
        service,
        &places,
        &counts,
    )
    .execute(postgres)
    .await?;
    Ok(())
}

/// Counts what was found in these places, unless as much was counted before.
pub(crate) async fn count_at_least(
    postgres: &mut PgConnection,
    id: ConnectionId,
    service: &str,
    found: &[(&str, u64)],
) -> Result<(), StoreError> {
    let (places, counts) = columns(found);
    sqlx::query!(
        "INSERT INTO vault.erasure_counts AS c (connection_id, service, place, count)
         SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[])
         ON CONFLICT (connection_id, service, place) DO UPDATE SET count = greatest(c.count, excluded.count)",
        id.as_uuid(),
        service,
        &places,
        &counts,
    )
    .execute(postgres)
    .await?;
    Ok(())
}

fn columns(erased: &[(&str, u64)]) -> (Vec<String>, Vec<i64>) {
    let counts = erased.iter().map(|(place, count)| {
        (
            (*place).to_owned(),
            i64::try_from(*count).unwrap_or(i64::MAX),
        )
    });
    counts.unzip()
}

/// The receipts of a connection, in the order of arrival.
pub(crate) async fn list(
    postgres: &mut PgConnection,
    id: ConnectionId,
) -> Result<Vec<Receipt>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT r.service, r.erased_at, c.place AS "place?", c.count AS "count?"
           FROM vault.erasure_receipts r LEFT JOIN vault.erasure_counts c USING (connection_id, service)
           WHERE r.connection_id = $1 ORDER BY r.erased_at, r.service, c.place"#,
        id.as_uuid(),
    )
    .fetch_all(postgres)
    .await?;
    let mut receipts: Vec<Receipt> = Vec::new();
    for row in rows {
        let count = row
            .place
            .zip(row.count.map(|count| u64::try_from(count).unwrap_or(0)));
        match receipts.last_mut() {
            Some(last) if last.service == row.service => last.erased.extend(count),
            _ => receipts.push(Receipt {
                service: row.service,
                erased_at: row.erased_at,
                erased: count.into_iter().collect(),
            }),
        }
    }
    Ok(receipts)
}
