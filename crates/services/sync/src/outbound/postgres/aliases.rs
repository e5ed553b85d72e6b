use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// A contact that is no more, and the one that absorbed it; none if it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) external_id: String,
    pub(crate) survivor: Option<String>,
}

/// Notes aliases; what was known of them before gives way.
pub(crate) async fn upsert(
    store: &mut PgConnection,
    connection: ConnectionId,
    aliases: &[Alias],
) -> Result<(), sqlx::Error> {
    if aliases.is_empty() {
        return Ok(());
    }
    let external_ids: Vec<&str> = aliases
        .iter()
        .map(|alias| alias.external_id.as_str())
        .collect();
    let survivors: Vec<Option<&str>> = aliases
        .iter()
        .map(|alias| alias.survivor.as_deref())
        .collect();
    sqlx::query!(
        "INSERT INTO sync.contact_aliases (connection_id, external_id, survivor_external_id)
         SELECT $1, external_id, survivor FROM unnest($2::text[], $3::text[]) AS rows (external_id, survivor)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE SET survivor_external_id = excluded.survivor_external_id",
        connection.as_uuid(),
        &external_ids as &[&str],
        &survivors as &[Option<&str>],
    )
    .execute(store)
    .await?;
    Ok(())
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

/// Forgets every alias: a full run learns anew who is gone.
pub(crate) async fn forget(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sync.contact_aliases WHERE connection_id = $1",
        connection.as_uuid()
    )
    .execute(store)
    .await?;
    Ok(())
}
