use harken_domain::{ConnectionId, OrganizationId};
use sqlx::PgConnection;

use super::StoreError;
use crate::rules::seal::SealedToken;

/// What the token of a connection is called among its secrets.
pub(crate) const ACCESS_TOKEN: &str = "access_token";

/// Keeps the token of a connection, in place of one before it, together with its data key.
pub(crate) async fn put(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
    token: &SealedToken,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.data_keys (connection_id, organization_id, id, key_encryption_key_id, wrapped_key)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (connection_id) DO UPDATE
         SET id = excluded.id, key_encryption_key_id = excluded.key_encryption_key_id,
             wrapped_key = excluded.wrapped_key",
        id.as_uuid(),
        organization.as_uuid(),
        token.data_key_id,
        token.key_encryption_key_id,
        token.wrapped_key,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO vault.sealed_secrets (connection_id, field, schema, frame) VALUES ($1, $2, $3, $4)
         ON CONFLICT (connection_id, field) DO UPDATE SET schema = excluded.schema, frame = excluded.frame",
        id.as_uuid(),
        ACCESS_TOKEN,
        token.schema,
        token.frame,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn get(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Option<SealedToken>, StoreError> {
    let row = sqlx::query!(
        "SELECT k.id AS data_key_id, k.key_encryption_key_id, k.wrapped_key, s.schema, s.frame
         FROM vault.data_keys k JOIN vault.sealed_secrets s ON s.connection_id = k.connection_id
         WHERE k.organization_id = $1 AND k.connection_id = $2 AND s.field = $3",
        organization.as_uuid(),
        id.as_uuid(),
        ACCESS_TOKEN,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SealedToken {
        data_key_id: row.data_key_id,
        key_encryption_key_id: row.key_encryption_key_id,
        wrapped_key: row.wrapped_key,
        schema: row.schema,
        frame: row.frame,
    }))
}

/// Forgets everything sealed for a connection, and the key it was sealed under.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.data_keys WHERE organization_id = $1 AND connection_id = $2",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A key-encryption key that some data key is wrapped under, other than `current`; none if there is none.
pub(crate) async fn foreign_key_id(
    connection: &mut PgConnection,
    current: &str,
) -> Result<Option<String>, StoreError> {
    let id = sqlx::query_scalar!(
        "SELECT key_encryption_key_id FROM vault.data_keys WHERE key_encryption_key_id <> $1 LIMIT 1",
        current,
    )
    .fetch_optional(connection)
    .await?;
    Ok(id)
}
