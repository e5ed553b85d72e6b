//! One stored record of each table of the mirror, as it lies there.

use harken_domain::ConnectionId;
use sqlx::PgConnection;

/// A record of a table.
#[derive(Debug)]
pub(crate) struct Specimen {
    pub(crate) table: &'static str,
    /// In the order of the table, without those that hold nothing.
    pub(crate) fields: Vec<Field>,
}

/// A field of a record.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Reads the newest record of a table, by this order, into what comes after.
macro_rules! specimen {
    ($store:ident, $connection:ident, $specimens:ident, $table:literal, $newest:literal) => {
        let fields = sqlx::query_as!(
            Field,
            r#"SELECT field.key AS "name!", field.value AS "value!"
               FROM (SELECT * FROM sync."# + $table + " AS t WHERE connection_id = $1 ORDER BY " + $newest + r#" LIMIT 1) AS one,
                    json_each_text(row_to_json(one)) WITH ORDINALITY AS field (key, value, place)
               WHERE field.value IS NOT NULL ORDER BY field.place"#,
            $connection.as_uuid(),
        )
        .fetch_all(&mut *$store)
        .await?;
        if !fields.is_empty() {
            $specimens.push(Specimen { table: $table, fields });
        }
    };
}

/// The newest record of every table that holds what Intercom told. Tables without any are left out.
pub(crate) async fn read(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Vec<Specimen>, sqlx::Error> {
    let mut specimens = Vec::new();
    specimen!(store, connection, specimens, "contacts", "mirrored_at DESC");
    specimen!(
        store,
        connection,
        specimens,
        "companies",
        "mirrored_at DESC"
    );
    specimen!(
        store,
        connection,
        specimens,
        "conversations",
        "mirrored_at DESC"
    );
    specimen!(
        store,
        connection,
        specimens,
        "parts",
        "created_at DESC NULLS LAST"
    );
    specimen!(store, connection, specimens, "admins", "external_id");
    specimen!(store, connection, specimens, "teams", "external_id");
    specimen!(store, connection, specimens, "tags", "external_id");
    specimen!(store, connection, specimens, "segments", "external_id");
    specimen!(store, connection, specimens, "attributes", "external_id");
    Ok(specimens)
}
