mod drift;
mod log;
mod run;
mod settings;
mod status;

use std::time::Duration;

use harken_contracts::wire::sync::v1::{GetStatusRequest, Status};
use harken_contracts::wire::vault::v1::Connection;
use tokio::time::{Instant, sleep};
use tonic::{Code, Response};

use super::{Desk, Harken};
use crate::cli::SyncCommand;
use crate::failure::Failure;

pub(super) use status::facts as status_facts;

/// How long sync may take to hear of a connection that was just made.
const HEARD_WITHIN: Duration = Duration::from_secs(10);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(100);

pub(crate) async fn run(command: SyncCommand, desk: Desk) -> Result<(), Failure> {
    match command {
        SyncCommand::Run(what) => run::start(what, &desk).await,
        SyncCommand::Status { connection } => status::show(connection.as_deref(), &desk).await,
        SyncCommand::Log(what) => log::show(what, &desk).await,
        SyncCommand::Pause { connection } => settings::pause(connection.as_deref(), &desk).await,
        SyncCommand::Resume { connection } => settings::resume(connection.as_deref(), &desk).await,
        SyncCommand::Settings(what) => settings::show(what, &desk).await,
        SyncCommand::Drift(what) => drift::show(what, &desk).await,
    }
}

/// Asks sync about a connection that the vault knows: news of it may still be on the way.
async fn ask<T, F>(mut ask: impl FnMut() -> F) -> Result<T, tonic::Status>
where
    F: Future<Output = Result<Response<T>, tonic::Status>>,
{
    let until = Instant::now() + HEARD_WITHIN;
    loop {
        match ask().await {
            Err(status) if status.code() == Code::NotFound && Instant::now() < until => {
                sleep(ASK_AGAIN_AFTER).await;
            }
            answer => return answer.map(Response::into_inner),
        }
    }
}

/// What sync says of a connection.
pub(super) async fn status_of(harken: &Harken, connection: Connection) -> Result<Status, Failure> {
    let request = GetStatusRequest {
        connection_id: connection.connection_id,
        without_totals: false,
    };
    let answer = ask(|| {
        let (mut sync, request) = (harken.sync(), request.clone());
        async move { sync.get_status(request).await }
    });
    answer.await.map_err(|status| harken.refused(&status))
}
