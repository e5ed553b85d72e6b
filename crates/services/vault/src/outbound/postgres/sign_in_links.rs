use chrono::{DateTime, Utc};
use harken_domain::{MemberId, OrganizationId};
use sqlx::PgConnection;

use super::StoreError;
use crate::rules::opaque::SecretHash;

pub(crate) async fn insert(
    connection: &mut PgConnection,
    secret: &SecretHash,
    organization: OrganizationId,
    member: MemberId,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.sign_in_links (secret_hash, organization_id, member_id, expires_at)
         VALUES ($1, $2, $3, $4)",
        &secret[..],
        organization.as_uuid(),
        member.as_uuid(),
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a link up: whoever deletes the row has it, and nobody after them. None if it is unknown, used or lapsed.
pub(crate) async fn redeem(
    connection: &mut PgConnection,
    secret: &SecretHash,
    now: DateTime<Utc>,
) -> Result<Option<(OrganizationId, MemberId)>, StoreError> {
    let row = sqlx::query!(
        "DELETE FROM vault.sign_in_links WHERE secret_hash = $1
         RETURNING organization_id, member_id, expires_at",
        &secret[..],
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.filter(|row| now < row.expires_at).map(|row| {
        (
            OrganizationId::from_uuid(row.organization_id),
            MemberId::from_uuid(row.member_id),
        )
    }))
}

pub(crate) async fn forget_lapsed(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM vault.sign_in_links WHERE expires_at < $1", now)
        .execute(connection)
        .await?;
    Ok(())
}
