use harken_store::erasure::{Barrier, Holdings};

/// What the edge keeps of connections. What is in quarantine under the address of a connection's own app is the connection's;
/// what came by the deployment's app is nobody's, holds ids alone, and lapses after a week.
pub(crate) const HOLDINGS: Holdings = Holdings {
    service: "ingress",
    kept: &[],
    found_by: &[("quarantine", "own_app_connection_id = $1")],
    apart: &[],
    barrier: Barrier::Tables,
};

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
