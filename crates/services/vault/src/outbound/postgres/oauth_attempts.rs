use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, MemberId, OnDisconnect, OrganizationId};
use sqlx::PgConnection;

use super::{StoreError, word};
use crate::rules::connection::PolicyWish;
use crate::rules::opaque::SecretHash;

/// A browser that was sent to Intercom's consent screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OAuthAttempt {
    pub organization: OrganizationId,
    pub member: MemberId,
    pub wish: PolicyWish,
    /// The connection that is to be reconnected, and no other.
    pub reconnects: Option<ConnectionId>,
    pub expires_at: DateTime<Utc>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    state: &SecretHash,
    binding: &SecretHash,
    attempt: &OAuthAttempt,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.oauth_attempts (state_hash, binding_hash, organization_id, member_id, data_policy,
             on_disconnect, expires_at, connection_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &state[..],
        &binding[..],
        attempt.organization.as_uuid(),
        attempt.member.as_uuid(),
        attempt.wish.data.map(DataPolicy::as_str),
        attempt.wish.on_disconnect.map(OnDisconnect::as_str),
        attempt.expires_at,
        attempt.reconnects.map(|id| id.as_uuid()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses an attempt up: whoever deletes the row has it, and nobody after them. Another browser or organization finds none.
pub(crate) async fn consume(
    connection: &mut PgConnection,
    state: &SecretHash,
    binding: &SecretHash,
    organization: OrganizationId,
) -> Result<Option<OAuthAttempt>, StoreError> {
    let row = sqlx::query!(
        "DELETE FROM vault.oauth_attempts
         WHERE state_hash = $1 AND binding_hash = $2 AND organization_id = $3
         RETURNING member_id, data_policy, on_disconnect, connection_id, expires_at",
        &state[..],
        &binding[..],
        organization.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let (data, then) = (row.data_policy.as_deref(), row.on_disconnect.as_deref());
        Ok(OAuthAttempt {
            organization,
            member: MemberId::from_uuid(row.member_id),
            wish: PolicyWish {
                data: data
                    .map(|data| word(data, "oauth_attempts", "data_policy"))
                    .transpose()?,
                on_disconnect: then
                    .map(|then| word(then, "oauth_attempts", "on_disconnect"))
                    .transpose()?,
            },
            reconnects: row.connection_id.map(ConnectionId::from_uuid),
            expires_at: row.expires_at,
        })
    })
    .transpose()
}

pub(crate) async fn forget_lapsed(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM vault.oauth_attempts WHERE expires_at < $1",
        before
    )
    .execute(connection)
    .await?;
    Ok(())
}
