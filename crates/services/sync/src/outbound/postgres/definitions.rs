//! What the workspace defines: segments and attributes. Small, and replaced whole.

use harken_domain::ConnectionId;
use harken_intercom::models::{Attribute, AttributeModel, Segment};
use sqlx::PgConnection;

/// Replaces the segments; how many are new or different.
pub(crate) async fn replace_segments(
    store: &mut PgConnection,
    connection: ConnectionId,
    segments: &[Segment],
) -> Result<usize, sqlx::Error> {
    let each = || segments.iter();
    let ids: Vec<&str> = each().map(|segment| segment.id.as_str()).collect();
    let names: Vec<&str> = each().map(|segment| text(segment.name.as_ref())).collect();
    let types: Vec<&str> = each().map(|segment| segment.person_type.as_str()).collect();
    sqlx::query!(
        "DELETE FROM sync.segments WHERE connection_id = $1 AND external_id <> ALL ($2)",
        connection.as_uuid(),
        &ids as &[&str],
    )
    .execute(&mut *store)
    .await?;
    let written = sqlx::query!(
        "INSERT INTO sync.segments AS held (connection_id, external_id, name, person_type)
         SELECT DISTINCT ON (external_id) $1::uuid, external_id, name, person_type
         FROM unnest($2::text[], $3::text[], $4::text[]) AS rows (external_id, name, person_type)
         ORDER BY external_id
         ON CONFLICT (connection_id, external_id) DO UPDATE
         SET name = excluded.name, person_type = excluded.person_type
         WHERE (held.name, held.person_type) <> (excluded.name, excluded.person_type)",
        connection.as_uuid(),
        &ids as &[&str],
        &names as &[&str],
        &types as &[&str],
    )
    .execute(store)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}

/// Replaces the attributes of a model; how many are new or different. One whose name changed is the same one.
pub(crate) async fn replace_attributes(
    store: &mut PgConnection,
    connection: ConnectionId,
    model: AttributeModel,
    attributes: &[Attribute],
) -> Result<usize, sqlx::Error> {
    let each = || attributes.iter();
    let ids: Vec<&str> = each().map(Attribute::key).collect();
    let names: Vec<&str> = each().map(|one| text(one.name.as_ref())).collect();
    let labels: Vec<Option<&str>> = each().map(|one| one.label.as_deref()).collect();
    let descriptions: Vec<Option<&str>> = each().map(|one| one.description.as_deref()).collect();
    let types: Vec<&str> = each().map(|one| one.data_type.as_str()).collect();
    let archived: Vec<bool> = each().map(|one| one.archived).collect();
    sqlx::query!(
        "DELETE FROM sync.attributes WHERE connection_id = $1 AND model = $2 AND external_id <> ALL ($3)",
        connection.as_uuid(),
        model.as_str(),
        &ids as &[&str],
    )
    .execute(&mut *store)
    .await?;
    let written = sqlx::query!(
        "INSERT INTO sync.attributes AS held
             (connection_id, model, external_id, name, label, description, data_type, is_archived)
         SELECT DISTINCT ON (external_id) $1::uuid, $2, external_id, name, label, description, data_type, is_archived
         FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[])
              AS rows (external_id, name, label, description, data_type, is_archived)
         ORDER BY external_id
         ON CONFLICT (connection_id, model, external_id) DO UPDATE
         SET name = excluded.name, label = excluded.label, description = excluded.description,
             data_type = excluded.data_type, is_archived = excluded.is_archived
         WHERE (held.name, held.label, held.description, held.data_type, held.is_archived)
               IS DISTINCT FROM
               (excluded.name, excluded.label, excluded.description, excluded.data_type, excluded.is_archived)",
        connection.as_uuid(),
        model.as_str(),
        &ids as &[&str],
        &names as &[&str],
        &labels as &[Option<&str>],
        &descriptions as &[Option<&str>],
        &types as &[&str],
        &archived,
    )
    .execute(store)
    .await?;
    Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
}

fn text(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}
