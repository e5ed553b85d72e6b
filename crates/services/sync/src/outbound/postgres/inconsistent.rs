use harken_store::outbox::OutboxError;

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
    Outbox(#[from] OutboxError),
}

/// Whether the store is there and does not want it: data it cannot hold, a constraint, a row it cannot read.
pub(crate) fn is_refusal(cause: &StoreError) -> bool {
    match cause {
        StoreError::Inconsistent(_) => true,
        StoreError::Postgres(sqlx::Error::Database(error)) => error
            .code()
            .is_some_and(|code| matches!(&code[..2], "21" | "22" | "23" | "42")),
        StoreError::Outbox(OutboxError::Store(_)) | StoreError::Postgres(_) => false,
        StoreError::Outbox(_) => true,
    }
}
