use sqlx::PgConnection;

/// What a service keeps of connections, beside the tables that have a column `connection_id`: those are found by themselves,
/// so that a new one is never forgotten.
#[derive(Clone, Copy, Debug)]
pub struct Holdings {
    /// Name of the service, as receipts tell it.
    pub service: &'static str,
    /// Tables with a `connection_id` whose rows stay: the tombstones.
    pub kept: &'static [&'static str],
    /// Tables whose rows of a connection are found in another way: with the condition that finds them, in which `$1` is the
    /// connection and `$2` its organization. They go in this order, before all others.
    pub found_by: &'static [(&'static str, &'static str)],
    /// Tables without a `connection_id` that hold nothing of any connection.
    pub apart: &'static [&'static str],
    /// What keeps out those who write, while is seen that nothing is left.
    pub barrier: Barrier,
}

/// What keeps out those who write.
#[derive(Clone, Copy, Debug)]
pub enum Barrier {
    /// Whoever writes holds the row of the connection in this table, and writes nothing where it says that all is erased.
    Row(&'static str),
    /// Whoever writes asks `erasures` in the statement that does; its transactions take moments.
    Tables,
}

/// Tables of the rails that are no holdings of a service; the outbox is one.
pub(super) const OF_RAILS: [&str; 5] = [
    "erasures",
    "erased_counts",
    "inbox",
    "_rails_migrations",
    "_sqlx_migrations",
];

impl Holdings {
    /// Tables of the schema of which nothing says whether they hold anything of a connection, for tests.
    pub async fn unaccounted(&self, db: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
        let all: Vec<String> = sqlx::query_scalar(
            "SELECT table_name::text FROM information_schema.tables AS t
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND NOT EXISTS (
                 SELECT FROM information_schema.columns AS c
                 WHERE (c.table_schema, c.table_name, c.column_name)
                     = (t.table_schema, t.table_name, 'connection_id'))
             ORDER BY table_name",
        )
        .fetch_all(db)
        .await?;
        let is_known = |table: &String| {
            let table = table.as_str();
            OF_RAILS.contains(&table)
                || self.apart.contains(&table)
                || self.found_by.iter().any(|(found, _)| *found == table)
        };
        Ok(all.into_iter().filter(|table| !is_known(table)).collect())
    }
}
