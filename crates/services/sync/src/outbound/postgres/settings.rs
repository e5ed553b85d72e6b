//! How a connection wants to be synced. One without a row has the usual.

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// How a connection wants to be synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingsRow {
    /// Seconds between incremental runs.
    pub(crate) interval_secs: i32,
    /// How far back a full run reads conversations; none: as the deployment does.
    pub(crate) backfill_days: Option<i32>,
    pub(crate) paused_at: Option<DateTime<Utc>>,
}

/// Gives a connection the usual settings unless it has some.
pub(crate) async fn ensure(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sync.settings (connection_id) VALUES ($1) ON CONFLICT DO NOTHING",
        connection.as_uuid(),
    )
    .execute(store)
    .await?;
    Ok(())
}

/// The settings, locked until the end of the transaction: whoever queues, pauses or resumes a run holds them.
pub(crate) async fn lock(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<SettingsRow, sqlx::Error> {
    ensure(&mut *store, connection).await?;
    sqlx::query_as!(
        SettingsRow,
        "SELECT interval_secs, backfill_days, paused_at FROM sync.settings WHERE connection_id = $1 FOR UPDATE",
        connection.as_uuid(),
    )
    .fetch_one(store)
    .await
}
