use harken_store::erasure::{Barrier, Holdings};

/// What scoring keeps of connections. The row of a closed connection stays, so that what comes late finds it closed.
pub(crate) const HOLDINGS: Holdings = Holdings {
    service: "scoring",
    kept: &["connections"],
    // Their keys begin with the organization.
    found_by: &[
        ("score_history", OF_ITS_ORGANIZATION),
        ("scores", OF_ITS_ORGANIZATION),
        ("customers", OF_ITS_ORGANIZATION),
    ],
    apart: &["configurations"],
    barrier: Barrier::Row("scoring.connections"),
};

const OF_ITS_ORGANIZATION: &str = "organization_id = $2 AND connection_id = $1";

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
