//! Errors as callers see them.

use harken_runtime::status;
use tonic::Status;

use crate::{
    app::{ListScoresError, WatchEnded},
    outbound::postgres::error::StoreError,
};

impl From<StoreError> for Status {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Sql(
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_),
            ) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the store is away"
                );
                status::unavailable("STORE_AWAY", "scores cannot be read for now; try again")
            }
            _ => status::internal(&error),
        }
    }
}

impl From<ListScoresError> for Status {
    fn from(error: ListScoresError) -> Self {
        match error {
            ListScoresError::Connection => status::not_found("connection"),
            ListScoresError::Changed => status::failed_precondition(
                "LIST_CHANGED",
                "the customer where the last page ended is gone; begin again without page.page_token",
            ),
            ListScoresError::Store(cause) => cause.into(),
        }
    }
}

impl From<WatchEnded> for Status {
    fn from(error: WatchEnded) -> Self {
        match error {
            WatchEnded::TooSlow => status::resource_exhausted(
                "READER_TOO_SLOW",
                "scores changed faster than they were read; list them and watch again",
            ),
            WatchEnded::Stopping => {
                status::unavailable("STOPPING", "this server stops; watch again")
            }
            WatchEnded::Store(cause) => cause.into(),
        }
    }
}
