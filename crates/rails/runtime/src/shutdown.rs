//! The one signal that everything stops on.

use std::time::{Duration, Instant};
use std::{io, process};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a process ends with when it is told twice to stop (128 + SIGINT).
const STOPPED_AT_ONCE: i32 = 130;
/// Who signals a process and its whole group, as timeout(1) does, is heard twice and means it once.
const ECHO: Duration = Duration::from_millis(500);

/// Tells whether, and waits until, the process is to stop. Clones share the signal.
#[derive(Clone, Debug)]
pub struct Shutdown {
    token: CancellationToken,
}

/// Requests the shutdown of the [`Shutdown`] it was made with.
#[derive(Clone, Debug)]
pub struct Trigger {
    token: CancellationToken,
}

impl Shutdown {
    /// Stops on SIGTERM and SIGINT; a second of them, if it is not the echo of the first, ends the process at once.
    pub fn on_signals() -> io::Result<Self> {
        let (shutdown, trigger) = Self::manual();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let watch = async move {
            let mut since = None;
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if since.get_or_insert_with(Instant::now).elapsed() > ECHO {
                    process::exit(STOPPED_AT_ONCE);
                }
                tracing::info!("stopping; a second signal stops at once");
                trigger.pull();
            }
        };
        #[expect(clippy::disallowed_methods, reason = "lives as long as the process")]
        tokio::spawn(watch);
        Ok(shutdown)
    }

    /// Stops when the trigger is pulled.
    pub fn manual() -> (Self, Trigger) {
        let token = CancellationToken::new();
        let trigger = Trigger {
            token: token.clone(),
        };
        (Self { token }, trigger)
    }

    /// Waits until the process is to stop.
    pub async fn requested(&self) {
        self.token.cancelled().await;
    }

    /// Whether the process is to stop.
    pub fn is_requested(&self) -> bool {
        self.token.is_cancelled()
    }

    pub(crate) fn begin(&self) {
        self.token.cancel();
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }
}

impl Trigger {
    /// Requests the shutdown.
    pub fn pull(&self) {
        self.token.cancel();
    }
}
