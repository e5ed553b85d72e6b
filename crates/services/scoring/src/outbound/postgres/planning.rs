use sqlx::PgConnection;

/// Makes the next queries of this transaction be planned for their very parameters and for tables as they are now. A plan
/// that was kept may come from an hour when the tables were empty, or from filters that were not set.
pub(crate) async fn plan_afresh(db: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
        .fetch_one(db)
        .await?;
    Ok(())
}
