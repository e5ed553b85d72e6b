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

impl SettingsRow {
    /// Those of a connection without a row, as the table has them by default.
    pub(crate) const fn usual() -> Self {
        Self {
            interval_secs: 900,
            backfill_days: None,
            paused_at: None,
        }
    }
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

/// The same, unless somebody holds them just now.
pub(crate) async fn try_lock(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<SettingsRow>, sqlx::Error> {
    sqlx::query_as!(
        SettingsRow,
        "SELECT interval_secs, backfill_days, paused_at FROM sync.settings WHERE connection_id = $1
         FOR UPDATE SKIP LOCKED",
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await
}

/// The settings; none where the usual apply.
pub(crate) async fn find(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<SettingsRow>, sqlx::Error> {
    sqlx::query_as!(
        SettingsRow,
        "SELECT interval_secs, backfill_days, paused_at FROM sync.settings WHERE connection_id = $1",
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await
}

/// Changes what is given.
pub(crate) async fn change(
    store: &mut PgConnection,
    connection: ConnectionId,
    interval_secs: Option<i32>,
    backfill_days: Option<i32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.settings
         SET interval_secs = coalesce($2, interval_secs), backfill_days = coalesce($3, backfill_days)
         WHERE connection_id = $1",
        connection.as_uuid(),
        interval_secs,
        backfill_days,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Notes since when syncing stands still, or that it goes on.
pub(crate) async fn set_paused(
    store: &mut PgConnection,
    connection: ConnectionId,
    since: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.settings SET paused_at = $2 WHERE connection_id = $1",
        connection.as_uuid(),
        since,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// What is read again now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// Open conversations.
    Open,
    Companies,
}

/// When a round, or a full run that is as good, was last made.
pub(crate) async fn last_round(
    store: &mut PgConnection,
    connection: ConnectionId,
    round: Round,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT greatest(
             (SELECT CASE WHEN $2 THEN open_read_at ELSE companies_read_at END FROM sync.settings WHERE connection_id = $1),
             (SELECT max(coalesce(bound_at, started_at)) FROM sync.runs
              WHERE connection_id = $1 AND kind = 'full' AND state IN ('complete', 'complete_with_gaps')))",
        connection.as_uuid(),
        round == Round::Open,
    )
    .fetch_one(store)
    .await
}

/// Notes that a round was made.
pub(crate) async fn made_round(
    store: &mut PgConnection,
    connection: ConnectionId,
    round: Round,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.settings
         SET open_read_at = CASE WHEN $2 THEN $3 ELSE open_read_at END,
             companies_read_at = CASE WHEN $2 THEN companies_read_at ELSE $3 END
         WHERE connection_id = $1",
        connection.as_uuid(),
        round == Round::Open,
        now,
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Up to where open conversations were read again, if a round was cut short.
pub(crate) async fn open_read_until(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "SELECT open_read_until FROM sync.settings WHERE connection_id = $1",
        connection.as_uuid(),
    )
    .fetch_optional(store)
    .await?;
    Ok(found.flatten())
}

/// Notes up to where open conversations were read again; none at the end of a round.
pub(crate) async fn set_open_read_until(
    store: &mut PgConnection,
    connection: ConnectionId,
    until: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sync.settings SET open_read_until = $2 WHERE connection_id = $1",
        connection.as_uuid(),
        until,
    )
    .execute(store)
    .await?;
    Ok(())
}
