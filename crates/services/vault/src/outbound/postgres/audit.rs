use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use harken_domain::OrganizationId;
use sqlx::PgConnection;

use super::StoreError;
use crate::rules::audit_chain::{BEGINNING, BrokenChain, Entry, Walk};

/// Something that was done, before it has its place in the chain.
#[derive(Clone, Debug)]
pub(crate) struct Deed<'a> {
    pub actor: &'a str,
    /// `noun.verb`, such as `connection.opened`.
    pub action: &'a str,
    /// An id.
    pub subject: &'a str,
    /// Free of secrets and of people's names.
    pub detail: &'a str,
}

/// Adds a deed to its organization's chain, in the transaction that does it.
pub(crate) async fn append(
    connection: &mut PgConnection,
    organization: OrganizationId,
    at: DateTime<Utc>,
    deed: Deed<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO vault.audit_heads (organization_id, sequence, hash) VALUES ($1, 0, $2)
         ON CONFLICT DO NOTHING",
        organization.as_uuid(),
        &BEGINNING[..],
    )
    .execute(&mut *connection)
    .await?;
    let head = sqlx::query!(
        "SELECT sequence, hash FROM vault.audit_heads WHERE organization_id = $1 FOR UPDATE",
        organization.as_uuid(),
    )
    .fetch_one(&mut *connection)
    .await?;
    let previous = head
        .hash
        .as_slice()
        .try_into()
        .map_err(|_| StoreError::Inconsistent {
            table: "audit_heads",
            column: "hash",
        })?;
    let entry = Entry {
        organization,
        sequence: head.sequence + 1,
        at,
        actor: deed.actor.to_owned(),
        action: deed.action.to_owned(),
        subject: deed.subject.to_owned(),
        detail: deed.detail.to_owned(),
    };
    let hash = entry.hash(&previous);
    sqlx::query!(
        "WITH head AS (UPDATE vault.audit_heads SET sequence = $2, hash = $8 WHERE organization_id = $1)
         INSERT INTO vault.audit_entries (organization_id, sequence, at, actor, action, subject, detail, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization.as_uuid(),
        entry.sequence,
        at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        &hash[..],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Walks the whole chain of an organization; answers how many entries it has, or where it is broken.
pub(crate) async fn verify(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<Result<i64, BrokenChain>, StoreError> {
    // First: what is added meanwhile is then not missed.
    let head = sqlx::query!(
        "SELECT sequence, hash FROM vault.audit_heads WHERE organization_id = $1",
        organization.as_uuid(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let (last, hash) = match head {
        Some(head) => (head.sequence, head.hash),
        None => (0, BEGINNING.to_vec()),
    };
    let mut rows = sqlx::query!(
        "SELECT sequence, at, actor, action, subject, detail, hash FROM vault.audit_entries
         WHERE organization_id = $1 AND sequence <= $2 ORDER BY sequence",
        organization.as_uuid(),
        last,
    )
    .fetch(connection);
    let mut walk = Walk::new();
    while let Some(row) = rows.try_next().await? {
        let entry = Entry {
            organization,
            sequence: row.sequence,
            at: row.at,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
        };
        if let Err(broken) = walk.step(&entry, &row.hash) {
            return Ok(Err(broken));
        }
    }
    Ok(walk.finish(last, &hash))
}
