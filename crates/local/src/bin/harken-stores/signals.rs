use std::io;

use rustix::process::Signal;
use tokio::signal::unix::{Signal as Arrivals, SignalKind, signal};

/// The signals that ask this process to end, caught from the moment this value exists.
pub(crate) struct Signals {
    interrupts: Arrivals,
    terminations: Arrivals,
    hangups: Arrivals,
}

impl Signals {
    pub(crate) fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupts: signal(SignalKind::interrupt())?,
            terminations: signal(SignalKind::terminate())?,
            hangups: signal(SignalKind::hangup())?,
        })
    }

    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupts.recv() => Signal::INT,
            _ = self.terminations.recv() => Signal::TERM,
            _ = self.hangups.recv() => Signal::HUP,
        }
    }
}
