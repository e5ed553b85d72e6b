use harken_store::outbox::OutboxError;

/// Why the tables could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Postgres failed; the same may succeed later.
    #[error("the store failed")]
    Sql(#[from] sqlx::Error),
    /// An event could not be posted.
    #[error("an event could not be posted")]
    Outbox(#[from] OutboxError),
    /// A row holds what this program never wrote.
    #[error("{table}.{column} holds what it never should")]
    Inconsistent {
        table: &'static str,
        column: &'static str,
    },
}

impl StoreError {
    pub(crate) fn inconsistent(table: &'static str, column: &'static str) -> Self {
        Self::Inconsistent { table, column }
    }
}
