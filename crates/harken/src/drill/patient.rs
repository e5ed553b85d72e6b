use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::{Code, Response, Status};

use crate::failure::Failure;
use crate::operate::Harken;

const ASK_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// Asks a deployment that may be away for a while: parts of it may be killed while a drill runs.
#[derive(Clone)]
pub(super) struct Patient {
    pub(super) harken: Harken,
    patience: Duration,
}

impl Patient {
    pub(super) const fn new(harken: Harken, patience: Duration) -> Self {
        Self { harken, patience }
    }

    pub(super) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Asks again while nobody is there to answer, as long as patience lasts.
    pub(super) async fn ask<T>(
        &self,
        ask: impl AsyncFn() -> Result<Response<T>, Status>,
    ) -> Result<T, Failure> {
        let since = Instant::now();
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) if is_away(&status) && since.elapsed() < self.patience => {
                    sleep(ASK_AGAIN_AFTER).await;
                }
                Err(status) => return Err(self.harken.refused(&status)),
            }
        }
    }
}

fn is_away(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable
            | Code::Unknown
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Internal
            | Code::Aborted
    )
}
