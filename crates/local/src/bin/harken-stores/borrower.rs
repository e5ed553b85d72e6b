use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use harken_local::Stores;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::say;
use crate::signals::Signals;

const EXIT_NOT_RUN: u8 = 127;
const EXIT_BY_SIGNAL: u8 = 128;

/// Runs the command to its end and returns the code to exit with; signals to us go to it.
pub(crate) async fn run(command: &[OsString], stores: &mut Stores, signals: &mut Signals) -> u8 {
    match borrow(command, stores, signals).await {
        Ok(status) => code_of(status),
        Err(cause) => {
            let program = command.first().map(|word| word.display().to_string());
            say(&format!(
                "could not run {}: {cause}",
                program.unwrap_or_default()
            ));
            EXIT_NOT_RUN
        }
    }
}

async fn borrow(
    command: &[OsString],
    stores: &mut Stores,
    signals: &mut Signals,
) -> io::Result<ExitStatus> {
    let (program, words) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program)
        .args(words)
        .env("HARKEN_DATABASE_URL", stores.database_url())
        .env("DATABASE_URL", stores.database_url())
        .env("HARKEN_NATS_URL", stores.nats_url())
        .spawn()?;
    loop {
        tokio::select! {
            ended = child.wait() => return ended,
            death = stores.died() => say(&death.to_string()),
            // A terminal sends its interrupts to the command as well.
            signal = signals.next() => if signal != Signal::INT || !io::stderr().is_terminal() {
                forward(&child, signal);
            }
        }
    }
}

fn forward(child: &Child, signal: Signal) {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, signal);
    }
}

fn code_of(status: ExitStatus) -> u8 {
    let by_signal = || status.signal().and_then(|signal| u8::try_from(signal).ok());
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .or_else(|| Some(EXIT_BY_SIGNAL + by_signal()?))
        .unwrap_or(u8::MAX)
}
