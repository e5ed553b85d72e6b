pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod connections;
pub(crate) mod erasure_receipts;
pub(crate) mod erasure_requests;
pub(crate) mod members;
pub(crate) mod oauth_attempts;
pub(crate) mod organizations;
pub(crate) mod rate_windows;
pub(crate) mod revocations;
pub(crate) mod sealed_secrets;
pub(crate) mod sessions;
pub(crate) mod sign_in_links;
pub(crate) mod synthetic_connections;
pub(crate) mod uninstall_checks;
pub(crate) mod webhook_secrets;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("Postgres failed")]
    Postgres(#[from] sqlx::Error),
    /// A row holds what no row should.
    #[error("{table}.{column} holds a value that is not known here")]
    Inconsistent {
        table: &'static str,
        column: &'static str,
    },
}

impl StoreError {
    /// Whether a unique index of this name refused the row.
    pub(crate) fn is_taken(&self, index: &str) -> bool {
        match self {
            Self::Postgres(sqlx::Error::Database(refusal)) => refusal.constraint() == Some(index),
            _ => false,
        }
    }
}

/// Reads a word of ours out of a row.
fn word<T: std::str::FromStr>(
    text: &str,
    table: &'static str,
    column: &'static str,
) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Inconsistent { table, column })
}
