use sqlx::{AssertSqlSafe, PgConnection};

use super::ask::Asked;
use super::holdings::{Holdings, OF_RAILS};

/// Most rows of a table that go in one transaction.
const AT_ONCE: i64 = 5_000;

/// A table and the condition that finds the rows of a connection in it.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    rows: String,
}

/// Everything that a service keeps of a connection, rows that others refer to last.
pub(super) async fn held(
    db: &mut PgConnection,
    holdings: &Holdings,
) -> Result<Vec<Table>, sqlx::Error> {
    let named: Vec<String> = sqlx::query_scalar(
        "SELECT t.relname::text FROM pg_class AS t
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'connection_id' AND NOT a.attisdropped
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition
         ORDER BY (SELECT count(*) FROM pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = t.oid), t.relname",
    )
    .fetch_all(db)
    .await?;
    let mut tables: Vec<Table> = holdings
        .found_by
        .iter()
        .map(|(name, rows)| Table {
            name: (*name).to_owned(),
            rows: (*rows).to_owned(),
        })
        .collect();
    for name in named {
        let is_settled = tables.iter().any(|table| table.name == name);
        let is_kept = holdings.kept.contains(&name.as_str()) || OF_RAILS.contains(&name.as_str());
        if !is_settled && !is_kept {
            let rows = match name.as_str() {
                // What was erased is told by the one event that stays.
                "outbox" => "connection_id = $1 AND event_type <> 'connection.v1.erased'",
                _ => "connection_id = $1",
            };
            let rows = rows.to_owned();
            tables.push(Table { name, rows });
        }
    }
    Ok(tables)
}

impl Table {
    /// Erases some rows and counts them, in one transaction; how many.
    pub(super) async fn erase_some(
        &self,
        db: &mut PgConnection,
        asked: &Asked,
    ) -> Result<u64, sqlx::Error> {
        let Self { name, rows } = self;
        let statement = AssertSqlSafe(format!(
            "WITH asked AS (SELECT $1::uuid, $2::uuid)
             DELETE FROM {name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {name} WHERE {rows} LIMIT {AT_ONCE}))",
        ));
        let erased = sqlx::query(statement)
            .bind(asked.connection.as_uuid())
            .bind(asked.organization.as_uuid())
            .execute(&mut *db)
            .await?
            .rows_affected();
        sqlx::query(
            "INSERT INTO erased_counts AS c (connection_id, place, count)
             VALUES ($1, current_schema() || '.' || $2, $3)
             ON CONFLICT (connection_id, place) DO UPDATE SET count = c.count + excluded.count",
        )
        .bind(asked.connection.as_uuid())
        .bind(name)
        .bind(i64::try_from(erased).unwrap_or(i64::MAX))
        .execute(db)
        .await?;
        Ok(erased)
    }

    /// Whether this was the last of it.
    pub(super) const fn is_last(erased: u64) -> bool {
        erased < AT_ONCE.unsigned_abs()
    }
}
