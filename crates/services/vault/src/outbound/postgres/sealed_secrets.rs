use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use sqlx::PgConnection;

use super::StoreError;
use crate::rules::connection::Policy;
use crate::rules::seal::{Field, Frame, SealedToken, WrappedKey};

/// Keeps the data key of a connection, in place of one before it.
pub(crate) async fn put_key(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
    key: &WrappedKey,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.data_keys (connection_id, organization_id, id, key_encryption_key_id, wrapped_key)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (connection_id) DO UPDATE
         SET id = excluded.id, key_encryption_key_id = excluded.key_encryption_key_id,
             wrapped_key = excluded.wrapped_key",
        id.as_uuid(),
        organization.as_uuid(),
        key.id,
        key.key_encryption_key_id,
        key.bytes,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The data key of a connection.
pub(crate) async fn key(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Option<WrappedKey>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, key_encryption_key_id, wrapped_key FROM vault.data_keys
         WHERE organization_id = $1 AND connection_id = $2",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| WrappedKey {
        id: row.id,
        key_encryption_key_id: row.key_encryption_key_id,
        bytes: row.wrapped_key,
    }))
}

/// Keeps a secret, in place of one before it; sealed under the connection's data key, which is kept already.
pub(crate) async fn put(
    connection: &mut PgConnection,
    id: ConnectionId,
    field: Field,
    frame: &Frame,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.sealed_secrets (connection_id, field, schema, frame) VALUES ($1, $2, $3, $4)
         ON CONFLICT (connection_id, field) DO UPDATE SET schema = excluded.schema, frame = excluded.frame",
        id.as_uuid(),
        field.as_str(),
        frame.schema,
        frame.bytes,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The token of a connection.
pub(crate) async fn token(
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
        Field::AccessToken.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SealedToken {
        key: WrappedKey {
            id: row.data_key_id,
            key_encryption_key_id: row.key_encryption_key_id,
            bytes: row.wrapped_key,
        },
        frame: Frame {
            schema: row.schema,
            bytes: row.frame,
        },
    }))
}

/// Forgets one secret.
pub(crate) async fn forget(
    connection: &mut PgConnection,
    id: ConnectionId,
    field: Field,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.sealed_secrets WHERE connection_id = $1 AND field = $2",
        id.as_uuid(),
        field.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the data key of a connection if nothing is sealed under it any more, nor follows from it.
pub(crate) async fn forget_idle_key(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
    policy: Policy,
) -> Result<(), StoreError> {
    if keeps_pseudonyms(policy) {
        return Ok(());
    }
    sqlx::query!(
        "DELETE FROM vault.data_keys WHERE organization_id = $1 AND connection_id = $2
         AND NOT EXISTS (SELECT FROM vault.sealed_secrets WHERE connection_id = $2)",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes note that the telling of a key of pseudonyms is logged now, unless one was after `before`; answers whether it is to
/// be logged.
pub(crate) async fn note_pseudonyms(
    connection: &mut PgConnection,
    id: ConnectionId,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let noted = sqlx::query!(
        "UPDATE vault.data_keys SET pseudonyms_logged_at = $2
         WHERE connection_id = $1 AND (pseudonyms_logged_at IS NULL OR pseudonyms_logged_at <= $3)",
        id.as_uuid(),
        now,
        before,
    )
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Whether what is kept of a connection that ended names people by what follows from its data key: were it connected again
/// under another, each would be there twice. Erasing what is kept destroys the key.
fn keeps_pseudonyms(policy: Policy) -> bool {
    policy.data == DataPolicy::MetadataOnly
}

/// Forgets everything sealed for a connection that ends, and the key it was sealed under unless what is kept needs it.
pub(crate) async fn end(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
    policy: Policy,
) -> Result<(), StoreError> {
    if !keeps_pseudonyms(policy) {
        return erase(connection, organization, id).await;
    }
    // First, as everybody who changes webhook secrets takes this row before the others.
    sqlx::query!(
        "DELETE FROM vault.webhook_secrets WHERE connection_id = $1",
        id.as_uuid(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM vault.sealed_secrets WHERE connection_id = $1",
        id.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets everything sealed for a connection, and the key it was sealed under.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<(), StoreError> {
    // First, as everybody who changes webhook secrets takes this row before the others.
    sqlx::query!(
        "DELETE FROM vault.webhook_secrets WHERE connection_id = $1",
        id.as_uuid(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "DELETE FROM vault.data_keys WHERE organization_id = $1 AND connection_id = $2",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Destroys everything sealed for a connection, and the key it was sealed under; answers how many rows of which table.
pub(crate) async fn destroy(
    connection: &mut PgConnection,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<[(&'static str, u64); 3], StoreError> {
    // First, as everybody who changes webhook secrets takes this row before the others.
    let standings = sqlx::query!(
        "DELETE FROM vault.webhook_secrets WHERE connection_id = $1",
        id.as_uuid(),
    )
    .execute(&mut *connection)
    .await?;
    let secrets = sqlx::query!(
        "DELETE FROM vault.sealed_secrets WHERE connection_id = $1",
        id.as_uuid(),
    )
    .execute(&mut *connection)
    .await?;
    let keys = sqlx::query!(
        "DELETE FROM vault.data_keys WHERE organization_id = $1 AND connection_id = $2",
        organization.as_uuid(),
        id.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok([
        ("vault.webhook_secrets", standings.rows_affected()),
        ("vault.sealed_secrets", secrets.rows_affected()),
        ("vault.data_keys", keys.rows_affected()),
    ])
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
