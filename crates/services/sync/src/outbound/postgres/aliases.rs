use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use harken_domain::ConnectionId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Key, Keys};

/// A contact that is no more, and the one that absorbed it; none if it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) external_id: String,
    pub(crate) survivor: Option<String>,
}

/// Notes aliases, each with its connection; answers those that say something new. Who survives is told for good, and of two
/// tellings the later one counts; that a contact could not be found is only kept until something better is known.
pub(crate) async fn note(
    store: &mut PgConnection,
    aliases: &[(ConnectionId, Alias, Option<DateTime<Utc>>)],
) -> Result<HashSet<Key>, sqlx::Error> {
    if aliases.is_empty() {
        return Ok(HashSet::new());
    }
    let each = || aliases.iter();
    let connections: Vec<Uuid> = each().map(|(id, ..)| id.as_uuid()).collect();
    let ids: Vec<&str> = each()
        .map(|(_, alias, _)| alias.external_id.as_str())
        .collect();
    let survivors: Vec<Option<&str>> = each()
        .map(|(_, alias, _)| alias.survivor.as_deref())
        .collect();
    let told_at: Vec<Option<DateTime<Utc>>> = each().map(|(.., told_at)| *told_at).collect();
    let rows = sqlx::query!(
        "INSERT INTO sync.contact_aliases AS held (connection_id, external_id, survivor_external_id, told_at)
         SELECT DISTINCT ON (connection_id, external_id) * 
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
              AS rows (connection_id, external_id, survivor, told_at)
         ORDER BY connection_id, external_id, survivor IS NOT NULL DESC, told_at DESC NULLS LAST, survivor DESC
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET survivor_external_id = excluded.survivor_external_id, told_at = excluded.told_at
         WHERE excluded.survivor_external_id IS NOT NULL
           AND (held.survivor_external_id IS NULL
                OR (coalesce(held.told_at, '-infinity'), held.survivor_external_id)
                   < (coalesce(excluded.told_at, '-infinity'), excluded.survivor_external_id))
         RETURNING connection_id, external_id",
        &connections,
        &ids as &[&str],
        &survivors as &[Option<&str>],
        &told_at as &[Option<DateTime<Utc>>],
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ConnectionId::from_uuid(row.connection_id), row.external_id))
        .collect())
}

/// What is known of a contact that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Who it is now, after all that absorbed it.
    pub(crate) external_id: String,
    /// Whether it was absorbed.
    pub(crate) is_absorbed: bool,
    /// Whether the mirror holds it, and whether it is a customer then.
    pub(crate) is_customer: Option<bool>,
    /// Whether it was deleted.
    pub(crate) is_buried: bool,
    /// Whether Intercom did not know it when a run asked.
    pub(crate) is_lost: bool,
}

/// Who these contacts are now.
pub(crate) async fn resolve(
    store: &mut PgConnection,
    keys: &Keys,
) -> Result<HashMap<Key, Known>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"WITH RECURSIVE chain (connection_id, asked, external_id, hops) AS (
               SELECT connection_id, external_id, external_id, 0
               FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
             UNION ALL
               SELECT chain.connection_id, asked, survivor_external_id, hops + 1
               FROM chain JOIN sync.contact_aliases AS alias
                 ON alias.connection_id = chain.connection_id AND alias.external_id = chain.external_id
               WHERE survivor_external_id IS NOT NULL AND hops < 10
           ), ends AS (
               SELECT DISTINCT ON (connection_id, asked) * FROM chain ORDER BY connection_id, asked, hops DESC
           )
           SELECT connection_id AS "connection_id!", asked AS "asked!", external_id AS "external_id!", hops AS "hops!",
                  contacts.is_customer AS "is_customer?",
                  EXISTS (SELECT FROM sync.tombstones
                          WHERE tombstones.connection_id = ends.connection_id AND kind = 'contact'
                            AND tombstones.external_id = ends.external_id) AS "is_buried!",
                  EXISTS (SELECT FROM sync.contact_aliases AS lost
                          WHERE lost.connection_id = ends.connection_id AND lost.external_id = ends.external_id
                            AND lost.survivor_external_id IS NULL) AS "is_lost!"
           FROM ends LEFT JOIN sync.contacts USING (connection_id, external_id)"#,
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let key = (ConnectionId::from_uuid(row.connection_id), row.asked);
            let known = Known {
                external_id: row.external_id,
                is_absorbed: row.hops > 0,
                is_customer: row.is_customer,
                is_buried: row.is_buried,
                is_lost: row.is_lost,
            };
            (key, known)
        })
        .collect())
}

/// All that this contact absorbed, and what those had absorbed before.
pub(crate) async fn absorbed_by(
    store: &mut PgConnection,
    connection: ConnectionId,
    survivor: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"WITH RECURSIVE absorbed (external_id, hops) AS (
               SELECT external_id, 1 FROM sync.contact_aliases
               WHERE connection_id = $1 AND survivor_external_id = $2
             UNION
               SELECT alias.external_id, hops + 1
               FROM absorbed JOIN sync.contact_aliases AS alias
                 ON alias.connection_id = $1 AND alias.survivor_external_id = absorbed.external_id
               WHERE hops < 10
           )
           SELECT DISTINCT external_id AS "external_id!" FROM absorbed ORDER BY 1"#,
        connection.as_uuid(),
        survivor,
    )
    .fetch_all(store)
    .await
}

/// The aliases among these ids.
pub(crate) async fn find(
    store: &mut PgConnection,
    connection: ConnectionId,
    external_ids: &[String],
) -> Result<Vec<Alias>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT external_id, survivor_external_id FROM sync.contact_aliases
         WHERE connection_id = $1 AND external_id = ANY ($2)",
        connection.as_uuid(),
        external_ids,
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Alias {
            external_id: row.external_id,
            survivor: row.survivor_external_id,
        })
        .collect())
}

/// Forgets who could not be found: a full run learns it anew. Who was absorbed stays so.
pub(crate) async fn forget(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sync.contact_aliases WHERE connection_id = $1 AND survivor_external_id IS NULL",
        connection.as_uuid()
    )
    .execute(store)
    .await?;
    Ok(())
}
