/// A row that does not fit what the product knows.
#[derive(Debug, thiserror::Error)]
#[error("a row of {table} has an unknown {column}")]
pub(crate) struct Inconsistent {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

/// Why the store gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the store failed")]
    Postgres(#[from] sqlx::Error),
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    #[error("an event cannot be posted")]
    Outbox(#[from] harken_store::outbox::OutboxError),
}
