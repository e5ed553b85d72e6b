use harken_domain::Revision;
use sqlx::PgConnection;

/// Takes revisions for records that leave no row to hold one.
pub(crate) async fn take(
    store: &mut PgConnection,
    count: usize,
) -> Result<Vec<Revision>, sqlx::Error> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let revisions = sqlx::query_scalar!(
        r#"SELECT nextval('sync.revisions') AS "revision!" FROM generate_series(1, $1::bigint)"#,
        i64::try_from(count).unwrap_or(i64::MAX),
    )
    .fetch_all(store)
    .await?;
    Ok(revisions.into_iter().map(Revision).collect())
}
