//! Who and what conversations are routed by: tags, admins, teams. Small, and replaced whole.

use std::collections::{HashMap, HashSet};

use harken_domain::ConnectionId;
use harken_intercom::models::{Admin, Tag, Team};
use sqlx::PgConnection;

use super::{Key, Keys};
use crate::rules::TagNames;

/// Replaces the tags; how many are new or different.
pub(crate) async fn replace_tags(
    store: &mut PgConnection,
    connection: ConnectionId,
    tags: &[Tag],
) -> Result<usize, sqlx::Error> {
    let ids: Vec<&str> = tags.iter().map(|tag| tag.id.as_str()).collect();
    let names: Vec<&str> = tags
        .iter()
        .map(|tag| tag.name.as_deref().unwrap_or(""))
        .collect();
    sqlx::query!(
        "DELETE FROM sync.tags WHERE connection_id = $1 AND external_id <> ALL ($2)",
        connection.as_uuid(),
        &ids as &[&str],
    )
    .execute(&mut *store)
    .await?;
    let written = sqlx::query!(
        "INSERT INTO sync.tags AS held (connection_id, external_id, name)
         SELECT DISTINCT ON (external_id) $1::uuid, external_id, name FROM unnest($2::text[], $3::text[])
                AS rows (external_id, name)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE SET name = excluded.name WHERE held.name <> excluded.name",
        connection.as_uuid(),
        &ids as &[&str],
        &names as &[&str],
    )
    .execute(store)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}

/// Names of all tags.
pub(crate) async fn tag_names(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<TagNames, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT external_id, name FROM sync.tags WHERE connection_id = $1 AND name <> ''",
        connection.as_uuid(),
    )
    .fetch_all(store)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.external_id, row.name))
        .collect())
}

/// Names of tags by connection.
pub(crate) type TagNamesOf = HashMap<ConnectionId, TagNames>;

/// Names of these tags, as far as they are known.
pub(crate) async fn names_of(
    store: &mut PgConnection,
    tags: &HashSet<Key>,
) -> Result<TagNamesOf, sqlx::Error> {
    let mut names = TagNamesOf::new();
    if tags.is_empty() {
        return Ok(names);
    }
    let keys: Keys = tags.iter().collect();
    let rows = sqlx::query!(
        "SELECT tags.connection_id, tags.external_id, name
         FROM unnest($1::uuid[], $2::text[]) AS asked (connection_id, external_id)
         JOIN sync.tags USING (connection_id, external_id) WHERE name <> ''",
        &keys.connections,
        &keys.external_ids,
    )
    .fetch_all(store)
    .await?;
    for row in rows {
        let of_connection = names.entry(ConnectionId::from_uuid(row.connection_id));
        of_connection.or_default().insert(row.external_id, row.name);
    }
    Ok(names)
}

/// Replaces the admins; how many are new or different.
pub(crate) async fn replace_admins(
    store: &mut PgConnection,
    connection: ConnectionId,
    admins: &[Admin],
) -> Result<usize, sqlx::Error> {
    let ids: Vec<&str> = admins.iter().map(|admin| admin.id.as_str()).collect();
    let names: Vec<Option<&str>> = admins.iter().map(|admin| admin.name.as_deref()).collect();
    let emails: Vec<Option<&str>> = admins.iter().map(|admin| admin.email.as_deref()).collect();
    sqlx::query!(
        "DELETE FROM sync.admins WHERE connection_id = $1 AND external_id <> ALL ($2)",
        connection.as_uuid(),
        &ids as &[&str],
    )
    .execute(&mut *store)
    .await?;
    let written = sqlx::query!(
        "INSERT INTO sync.admins AS held (connection_id, external_id, name, email)
         SELECT DISTINCT ON (external_id) $1::uuid, external_id, name, email
         FROM unnest($2::text[], $3::text[], $4::text[]) AS rows (external_id, name, email)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE SET name = excluded.name, email = excluded.email
         WHERE (held.name, held.email) IS DISTINCT FROM (excluded.name, excluded.email)",
        connection.as_uuid(),
        &ids as &[&str],
        &names as &[Option<&str>],
        &emails as &[Option<&str>],
    )
    .execute(store)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}

/// Replaces the teams; how many are new or different.
pub(crate) async fn replace_teams(
    store: &mut PgConnection,
    connection: ConnectionId,
    teams: &[Team],
) -> Result<usize, sqlx::Error> {
    let ids: Vec<&str> = teams.iter().map(|team| team.id.as_str()).collect();
    let names: Vec<Option<&str>> = teams.iter().map(|team| team.name.as_deref()).collect();
    sqlx::query!(
        "DELETE FROM sync.teams WHERE connection_id = $1 AND external_id <> ALL ($2)",
        connection.as_uuid(),
        &ids as &[&str],
    )
    .execute(&mut *store)
    .await?;
    let written = sqlx::query!(
        "INSERT INTO sync.teams AS held (connection_id, external_id, name)
         SELECT DISTINCT ON (external_id) $1::uuid, external_id, name FROM unnest($2::text[], $3::text[])
                AS rows (external_id, name)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE SET name = excluded.name
         WHERE held.name IS DISTINCT FROM excluded.name",
        connection.as_uuid(),
        &ids as &[&str],
        &names as &[Option<&str>],
    )
    .execute(store)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}
