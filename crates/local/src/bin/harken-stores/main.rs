//! Lends a fresh Postgres and nats-server to a command: `harken-stores -- cargo test`.

mod arguments;
mod borrower;
mod signals;
mod temporary;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use harken_local::{Stores, StoresConfig, StoresError};

use arguments::{Arguments, Ports, USAGE};
use signals::Signals;

const EXIT_USAGE: u8 = 64;
const EXIT_NO_STORES: u8 = 69;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(complaint) => {
            say(&format!("{complaint}\n{USAGE}"));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match lend(arguments).await {
        Ok(code) => ExitCode::from(code),
        Err(refusal) => {
            say(&refusal.to_string());
            ExitCode::from(EXIT_NO_STORES)
        }
    }
}

async fn lend(arguments: Arguments) -> Result<u8, StoresError> {
    let mut signals = Signals::catch().map_err(|_| StoresError::GivenUp)?;
    temporary::sweep();
    let mut stores = tokio::select! {
        started = start(&arguments) => started?,
        _ = signals.next() => return Err(StoresError::GivenUp),
    };
    let code = borrower::run(&arguments.command, &mut stores, &mut signals).await;
    if arguments.state_dir.is_none() {
        stores.erase().await?;
    } else {
        stores.stop().await;
    }
    Ok(code)
}

/// A random port may be taken by the time it is used, so those are drawn again.
async fn start(arguments: &Arguments) -> Result<Stores, StoresError> {
    let mut draws = 5;
    loop {
        let (postgres_port, nats_port) = match arguments.ports {
            Ports::Base(base) => (base + 4, base + 5),
            Ports::Random => harken_local::free_ports()?,
        };
        let config = StoresConfig {
            state_dir: arguments
                .state_dir
                .clone()
                .unwrap_or_else(temporary::folder),
            postgres_port,
            nats_port,
            external_database_url: None,
            external_nats_url: None,
            durability: arguments.durability,
            progress: Box::new(|step| say(&step.to_string())),
        };
        draws -= 1;
        match Stores::start(config).await {
            Err(StoresError::PortTaken { .. }) if arguments.ports == Ports::Random && draws > 0 => {
            }
            outcome => return outcome,
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "harken-stores: {line}");
}
