use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId};
use harken_intercom::Region;
use sqlx::PgConnection;

use super::{StoreError, word};
use crate::rules::seal::{Frame, SealedToken, WrappedKey};

/// A token that is to be revoked at Intercom, still sealed.
#[derive(Debug)]
pub(crate) struct Revocation {
    pub connection: ConnectionId,
    pub organization: OrganizationId,
    pub region: Region,
    pub token: SealedToken,
    /// Times that it was tried in vain.
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    revocation: &Revocation,
) -> Result<(), StoreError> {
    let token = &revocation.token;
    sqlx::query!(
        "INSERT INTO vault.pending_revocations (connection_id, organization_id, region, data_key_id,
             key_encryption_key_id, wrapped_key, schema, frame, next_attempt_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         ON CONFLICT (connection_id) DO NOTHING",
        revocation.connection.as_uuid(),
        revocation.organization.as_uuid(),
        revocation.region.as_str(),
        token.key.id,
        token.key.key_encryption_key_id,
        token.key.bytes,
        token.frame.schema,
        token.frame.bytes,
        revocation.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The revocation that is due longest, held until the transaction ends; others take the next one.
pub(crate) async fn lock_due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Option<Revocation>, StoreError> {
    let row = sqlx::query!(
        "SELECT connection_id, organization_id, region, data_key_id, key_encryption_key_id, wrapped_key, schema,
                frame, attempts, created_at
         FROM vault.pending_revocations WHERE next_attempt_at <= $1
         ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Revocation {
            connection: ConnectionId::from_uuid(row.connection_id),
            organization: OrganizationId::from_uuid(row.organization_id),
            region: word(&row.region, "pending_revocations", "region")?,
            token: SealedToken {
                key: WrappedKey {
                    id: row.data_key_id,
                    key_encryption_key_id: row.key_encryption_key_id,
                    bytes: row.wrapped_key,
                },
                frame: Frame {
                    schema: row.schema,
                    bytes: row.frame,
                },
            },
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            created_at: row.created_at,
        })
    })
    .transpose()
}

pub(crate) async fn postpone(
    connection: &mut PgConnection,
    id: ConnectionId,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE vault.pending_revocations SET attempts = attempts + 1, next_attempt_at = $2
         WHERE connection_id = $1",
        id.as_uuid(),
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a token of a connection is still to be revoked.
pub(crate) async fn is_outstanding(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<bool, StoreError> {
    let outstanding = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM vault.pending_revocations WHERE connection_id = $1) AS "outstanding!""#,
        id.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(outstanding)
}

/// Erases the token for good.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    id: ConnectionId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.pending_revocations WHERE connection_id = $1",
        id.as_uuid()
    )
    .execute(connection)
    .await?;
    Ok(())
}
