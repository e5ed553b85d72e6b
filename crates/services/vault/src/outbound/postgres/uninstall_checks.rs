use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// A workspace that is said to have uninstalled the app, taken up to ask Intercom.
#[derive(Debug)]
pub(crate) struct UninstallCheck {
    pub workspace_id: String,
    /// How often it had been said by then.
    pub reports: i64,
    /// Times that Intercom was asked in vain before.
    pub attempts: u32,
}

/// Takes note of what is said of a workspace. One check is pending at most, and stays due when it is.
pub(crate) async fn report(
    connection: &mut PgConnection,
    workspace_id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.uninstall_checks AS c (workspace_id, due_at, not_before) VALUES ($1, $2, $2)
         ON CONFLICT (workspace_id) DO UPDATE
         SET reports = c.reports + 1, due_at = coalesce(c.due_at, greatest($2, c.not_before))",
        workspace_id,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes up the check that is due longest. Until `again`, nobody else does, however the asking ends.
pub(crate) async fn take_due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    again: DateTime<Utc>,
) -> Result<Option<UninstallCheck>, StoreError> {
    let row = sqlx::query!(
        "UPDATE vault.uninstall_checks SET due_at = $2, not_before = $2
         WHERE workspace_id = (
             SELECT workspace_id FROM vault.uninstall_checks WHERE due_at <= $1
             ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING workspace_id, reports, attempts",
        now,
        again,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| UninstallCheck {
        workspace_id: row.workspace_id,
        reports: row.reports,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
    }))
}

/// Ends a check. What was said since it was taken up is left to be checked.
pub(crate) async fn settle(
    connection: &mut PgConnection,
    check: &UninstallCheck,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.uninstall_checks
         SET due_at = CASE WHEN reports = $2 THEN NULL ELSE not_before END, attempts = 0
         WHERE workspace_id = $1",
        check.workspace_id,
        check.reports,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Asks again later.
pub(crate) async fn postpone(
    connection: &mut PgConnection,
    check: &UninstallCheck,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.uninstall_checks SET attempts = attempts + 1, due_at = greatest(not_before, $2)
         WHERE workspace_id = $1",
        check.workspace_id,
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets checks that have ended, as soon as they may be followed by others.
pub(crate) async fn forget_settled(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.uninstall_checks WHERE due_at IS NULL AND not_before <= $1",
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
