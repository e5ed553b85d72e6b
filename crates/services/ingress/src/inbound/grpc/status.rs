//! Errors as callers see them.

use harken_runtime::status;
use tonic::Status;

use crate::app::ReadError;

impl From<ReadError> for Status {
    fn from(error: ReadError) -> Self {
        match &error {
            ReadError::NotFound => status::not_found("connection"),
            ReadError::Vault(_) => {
                status::unavailable("VAULT_AWAY", "the vault does not answer; try again")
            }
            ReadError::Store(
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_),
            ) => status::unavailable("STORE_AWAY", "counts cannot be read for now; try again"),
            ReadError::Store(_) => status::internal(&error),
        }
    }
}
