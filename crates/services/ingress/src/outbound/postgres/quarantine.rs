use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::{Error, PgConnection};

use crate::rules::address::Address;

/// Most workspaces looked at in one round, and most rows released at once.
const WORKSPACES: i64 = 1000;
const READ_ROWS: i64 = 256;

/// A notification that is nobody's yet: ids, no content.
#[derive(Debug)]
pub(crate) struct Quarantined {
    pub(crate) message_id: String,
    pub(crate) address: Address,
    pub(crate) workspace_id: String,
    pub(crate) skeleton: Vec<u8>,
    pub(crate) received_at: DateTime<Utc>,
}

/// A notification that waits for its workspace to become somebody's.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) quarantine_id: i64,
    pub(crate) message_id: String,
    pub(crate) skeleton: Vec<u8>,
    pub(crate) received_at: DateTime<Utc>,
}

/// Keeps notifications, all or none; those that are there already stay as they are.
pub(crate) async fn keep(postgres: &mut PgConnection, rows: Vec<Quarantined>) -> Result<(), Error> {
    let (mut ids, mut own_apps, mut workspaces) = (Vec::new(), Vec::new(), Vec::new());
    let (mut skeletons, mut moments) = (Vec::new(), Vec::new());
    for row in rows {
        ids.push(row.message_id);
        own_apps.push(row.address.connection().map(|id| id.as_uuid()));
        workspaces.push(row.workspace_id);
        skeletons.push(row.skeleton);
        moments.push(row.received_at);
    }
    sqlx::query!(
        "INSERT INTO ingress.quarantine (message_id, own_app_connection_id, workspace_id, skeleton, received_at)
         SELECT * FROM UNNEST($1::text[], $2::uuid[], $3::text[], $4::bytea[], $5::timestamptz[])
         ON CONFLICT (message_id) DO NOTHING",
        &ids,
        &own_apps as &[Option<uuid::Uuid>],
        &workspaces,
        &skeletons,
        &moments,
    )
    .execute(postgres)
    .await
    .map(drop)
}

/// Where notifications came to and which workspaces they named, the longest waiting first.
pub(crate) async fn workspaces(
    postgres: &mut PgConnection,
) -> Result<Vec<(Address, String)>, Error> {
    let rows = sqlx::query!(
        "SELECT own_app_connection_id, workspace_id FROM ingress.quarantine
         GROUP BY own_app_connection_id, workspace_id ORDER BY min(received_at) LIMIT $1",
        WORKSPACES,
    )
    .fetch_all(postgres)
    .await?;
    let address = |own_app: Option<uuid::Uuid>| {
        own_app.map_or(Address::Deployment, |id| {
            Address::OwnApp(ConnectionId::from_uuid(id))
        })
    };
    Ok(rows
        .into_iter()
        .map(|row| (address(row.own_app_connection_id), row.workspace_id))
        .collect())
}

/// Notifications of a workspace that nobody else is releasing; they are locked until the transaction ends.
pub(crate) async fn of_workspace(
    postgres: &mut PgConnection,
    address: Address,
    workspace_id: &str,
) -> Result<Vec<Waiting>, Error> {
    sqlx::query_as!(
        Waiting,
        "SELECT quarantine_id, message_id, skeleton, received_at FROM ingress.quarantine
         WHERE workspace_id = $1 AND own_app_connection_id IS NOT DISTINCT FROM $2
         ORDER BY quarantine_id LIMIT $3
         FOR UPDATE SKIP LOCKED",
        workspace_id,
        address.connection().map(|id| id.as_uuid()),
        READ_ROWS,
    )
    .fetch_all(postgres)
    .await
}

/// Lets notifications go.
pub(crate) async fn remove(
    postgres: &mut PgConnection,
    quarantine_ids: &[i64],
) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM ingress.quarantine WHERE quarantine_id = ANY($1)",
        quarantine_ids,
    )
    .execute(postgres)
    .await
    .map(drop)
}

/// Drops what has waited since before `moment`; answers how many that were.
pub(crate) async fn drop_before(
    postgres: &mut PgConnection,
    moment: DateTime<Utc>,
) -> Result<u64, Error> {
    sqlx::query!(
        "DELETE FROM ingress.quarantine WHERE received_at < $1",
        moment
    )
    .execute(postgres)
    .await
    .map(|done| done.rows_affected())
}

/// How many wait.
pub(crate) async fn count(postgres: &mut PgConnection) -> Result<u64, Error> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM ingress.quarantine"#)
        .fetch_one(postgres)
        .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}
