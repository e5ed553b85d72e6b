use chrono::{DateTime, Utc};
use harken_domain::{MemberId, OrganizationId, SessionId};
use sqlx::PgConnection;

use super::StoreError;
use crate::rules::opaque::SecretHash;

/// A signed-in browser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    pub id: SessionId,
    pub organization: OrganizationId,
    pub member: MemberId,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    secret: &SecretHash,
    session: &Session,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.sessions (secret_hash, id, organization_id, member_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &secret[..],
        session.id.as_uuid(),
        session.organization.as_uuid(),
        session.member.as_uuid(),
        session.created_at,
        session.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The session of a secret, unless it has lapsed.
pub(crate) async fn resolve(
    connection: &mut PgConnection,
    secret: &SecretHash,
    now: DateTime<Utc>,
) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query!(
        "SELECT id, organization_id, member_id, created_at, expires_at FROM vault.sessions
         WHERE secret_hash = $1 AND expires_at > $2",
        &secret[..],
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Session {
        id: SessionId::from_uuid(row.id),
        organization: OrganizationId::from_uuid(row.organization_id),
        member: MemberId::from_uuid(row.member_id),
        created_at: row.created_at,
        expires_at: row.expires_at,
    }))
}

pub(crate) async fn delete(
    connection: &mut PgConnection,
    secret: &SecretHash,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.sessions WHERE secret_hash = $1",
        &secret[..]
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn forget_lapsed(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM vault.sessions WHERE expires_at < $1", now)
        .execute(connection)
        .await?;
    Ok(())
}
