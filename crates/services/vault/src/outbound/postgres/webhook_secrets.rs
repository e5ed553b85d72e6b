use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use sqlx::PgConnection;

use super::{StoreError, word};
use crate::rules::seal::{Field, Frame, WrappedKey};

/// How the webhook secrets of an organization's own app stand, without the secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub set_at: DateTime<Utc>,
    /// None if no secret before this one counts.
    pub previous_valid_until: Option<DateTime<Utc>>,
}

/// Where notifications of a workspace go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub connection: ConnectionId,
    pub organization: OrganizationId,
    pub workspace_id: String,
    pub data_policy: DataPolicy,
}

/// What verifies the notifications of an organization's own app, sealed.
#[derive(Debug)]
pub(crate) struct SealedPair {
    pub key: WrappedKey,
    pub present: Frame,
    /// With the end of its grace.
    pub previous: Option<(Frame, DateTime<Utc>)>,
    pub opening_logged_at: Option<DateTime<Utc>>,
}

/// Sets how a connection's secrets stand. Whoever changes the secrets does this first: it holds off everybody else.
pub(crate) async fn put(
    connection: &mut PgConnection,
    id: ConnectionId,
    standing: Standing,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.webhook_secrets (connection_id, set_at, previous_valid_until) VALUES ($1, $2, $3)
         ON CONFLICT (connection_id) DO UPDATE
         SET set_at = excluded.set_at, previous_valid_until = excluded.previous_valid_until",
        id.as_uuid(),
        standing.set_at,
        standing.previous_valid_until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How a connection's secrets stand; none if none is set.
pub(crate) async fn standing(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<Standing>, StoreError> {
    let standing = sqlx::query_as!(
        Standing,
        "SELECT set_at, previous_valid_until FROM vault.webhook_secrets WHERE connection_id = $1",
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(standing)
}

/// The present secret of a connection.
pub(crate) async fn present(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<Frame>, StoreError> {
    let frame = sqlx::query_as!(
        Frame,
        "SELECT schema, frame AS bytes FROM vault.sealed_secrets WHERE connection_id = $1 AND field = $2",
        id.as_uuid(),
        Field::WebhookSecret.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(frame)
}

/// Where the notifications of a connected connection go and what verifies them, as of one moment.
pub(crate) async fn route(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<Option<(Route, Option<SealedPair>)>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT c.organization_id, c.workspace_id, c.data_policy,
                  k.id AS "data_key_id?", k.key_encryption_key_id AS "key_encryption_key_id?",
                  k.wrapped_key AS "wrapped_key?", s.schema AS "schema?", s.frame AS "frame?",
                  p.schema AS "previous_schema?", p.frame AS "previous_frame?",
                  w.previous_valid_until, w.opening_logged_at
           FROM vault.connections c
           LEFT JOIN (vault.webhook_secrets w
               JOIN vault.data_keys k ON k.connection_id = w.connection_id
               JOIN vault.sealed_secrets s ON s.connection_id = w.connection_id AND s.field = $2
               LEFT JOIN vault.sealed_secrets p ON p.connection_id = w.connection_id AND p.field = $3)
           ON w.connection_id = c.id
           WHERE c.id = $1 AND c.state = 'connected'"#,
        id.as_uuid(),
        Field::WebhookSecret.as_str(),
        Field::PreviousWebhookSecret.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let route = Route {
            connection: id,
            organization: OrganizationId::from_uuid(row.organization_id),
            workspace_id: row.workspace_id,
            data_policy: word(&row.data_policy, "connections", "data_policy")?,
        };
        let frame = |schema: Option<i16>, bytes: Option<Vec<u8>>| {
            schema
                .zip(bytes)
                .map(|(schema, bytes)| Frame { schema, bytes })
        };
        let key = row
            .data_key_id
            .zip(row.key_encryption_key_id)
            .zip(row.wrapped_key);
        let present = frame(row.schema, row.frame);
        let previous = frame(row.previous_schema, row.previous_frame);
        let pair =
            key.zip(present).map(
                |(((id, key_encryption_key_id), bytes), present)| SealedPair {
                    key: WrappedKey {
                        id,
                        key_encryption_key_id,
                        bytes,
                    },
                    present,
                    previous: previous.zip(row.previous_valid_until),
                    opening_logged_at: row.opening_logged_at,
                },
            );
        Ok((route, pair))
    })
    .transpose()
}

/// Takes note that an opening is logged now, unless one was after `before`; answers whether it is to be logged.
pub(crate) async fn note_opening(
    connection: &mut PgConnection,
    id: ConnectionId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let noted = sqlx::query!(
        "UPDATE vault.webhook_secrets SET opening_logged_at = $2
         WHERE connection_id = $1 AND (opening_logged_at IS NULL OR opening_logged_at <= $3)",
        id.as_uuid(),
        now,
        before,
    )
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Erases replaced secrets whose grace has ended; answers how many.
pub(crate) async fn forget_lapsed(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let erased = sqlx::query!(
        "WITH lapsed AS (
             UPDATE vault.webhook_secrets SET previous_valid_until = NULL
             WHERE previous_valid_until <= $1 RETURNING connection_id)
         DELETE FROM vault.sealed_secrets s USING lapsed
         WHERE s.connection_id = lapsed.connection_id AND s.field = $2",
        now,
        Field::PreviousWebhookSecret.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(erased.rows_affected())
}
