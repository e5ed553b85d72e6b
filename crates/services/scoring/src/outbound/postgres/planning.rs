use harken_store::Store;
use sqlx::{PgConnection, Postgres, Transaction};

/// Makes the next queries of this transaction be planned for their very parameters and for tables as they are now. A plan
/// that was kept may come from an hour when the tables were empty, or from filters that were not set.
pub(crate) async fn plan_afresh(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Begins a transaction whose queries look rows up by their keys. Their plans are made once and kept: no table is read whole,
/// even if it was empty when the plan was made.
pub(crate) async fn begin_by_keys(
    store: &Store,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    const BEGIN: &str = "BEGIN; SET LOCAL enable_seqscan = off; \
        SET LOCAL plan_cache_mode = force_generic_plan";
    store.begin_with(BEGIN).await
}
