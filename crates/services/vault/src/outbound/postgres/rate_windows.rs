//! What is reserved of a connection's rate window, shared by all processes. Its times are Postgres's own.

use harken_domain::ConnectionId;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::rules::budget::SharedWindow;

/// Locks the window until the end of the transaction; answers it with what time it is, in milliseconds.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<(SharedWindow, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"INSERT INTO vault.rate_windows AS w (connection_id, shared, reserved_at) VALUES ($1, $2, clock_timestamp())
           ON CONFLICT (connection_id) DO UPDATE SET reserved_at = clock_timestamp()
           RETURNING shared AS "shared: Json<SharedWindow>", (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "now_ms!""#,
        id.as_uuid(),
        Json(SharedWindow::default()) as _,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.shared.0, row.now_ms))
}

/// Keeps the window as it is now.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    id: ConnectionId,
    window: &SharedWindow,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE vault.rate_windows SET shared = $2 WHERE connection_id = $1",
        id.as_uuid(),
        Json(window) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets windows that say nothing any more.
pub(crate) async fn forget_old(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM vault.rate_windows WHERE reserved_at < clock_timestamp() - interval '1 minute'"
    )
    .execute(connection)
    .await?;
    Ok(())
}
