use harken_store::erasure::{Barrier, Holdings};

/// What sync keeps of connections: all that has a `connection_id`, and what belongs to their runs. The row of a closed
/// connection stays, so that what comes late finds it closed.
pub(crate) const HOLDINGS: Holdings = Holdings {
    service: "sync",
    kept: &["connections"],
    found_by: &[("run_log", OF_ITS_RUNS), ("gaps", OF_ITS_RUNS)],
    apart: &[],
    barrier: Barrier::Row("sync.connections"),
};

const OF_ITS_RUNS: &str = "run_id IN (SELECT run_id FROM sync.runs WHERE connection_id = $1)";

#[cfg(test)]
mod tests {
    use harken_testkit::Database;

    use super::*;

    #[tokio::test]
    async fn every_table_is_erased_or_said_to_hold_nothing_of_a_connection() {
        let database = Database::create(crate::migrations()).await;
        let store = database.store().await;
        let mut db = store.pool().acquire().await.unwrap();
        let unaccounted = HOLDINGS.unaccounted(&mut db).await.unwrap();
        assert_eq!(unaccounted, Vec::<String>::new());
    }
}
