//! How each error is answered. Broken things are logged here, once.

use harken_runtime::status;
use tonic::Status;

use crate::{
    app::{SettingsError, StartRunError},
    outbound::postgres::StoreError,
};

pub(super) fn store(error: impl Into<StoreError>) -> Status {
    status::internal(&error.into())
}

pub(super) fn start_run(error: StartRunError) -> Status {
    match error {
        StartRunError::UnknownConnection => status::not_found("connection"),
        StartRunError::Closed { reason } => closed(&reason),
        StartRunError::Synthetic => synthetic(),
        StartRunError::Paused => status::failed_precondition(
            "SYNC_PAUSED",
            "syncing is paused; resume it, then start the run",
        ),
        StartRunError::NothingToGoOnFrom => status::failed_precondition(
            "NO_FULL_RUN",
            "no full run has got to its end yet; start one, and what changes after it can be read",
        ),
        StartRunError::Store(error) => status::internal(&error),
    }
}

pub(super) fn settings(error: SettingsError) -> Status {
    match error {
        SettingsError::UnknownConnection => status::not_found("connection"),
        SettingsError::Closed { reason } => closed(&reason),
        SettingsError::Synthetic => synthetic(),
        SettingsError::Store(error) => status::internal(&error),
    }
}

fn closed(reason: &str) -> Status {
    status::failed_precondition(
        "CONNECTION_CLOSED",
        format!("the connection is closed: {reason}; connect the workspace again"),
    )
}

fn synthetic() -> Status {
    status::failed_precondition(
        "CONNECTION_SYNTHETIC",
        "the connection exists for a drill: there is no workspace to read",
    )
}
