#![doc = include_str!("../README.md")]

mod cli;
mod failure;
mod operate;
mod output;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use harken_runtime::Environment;

use cli::{Cli, Command};
use failure::{Failure, FailureKind};
use operate::Desk;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return usage(&answer),
    };
    match run(cli.command, &Environment::from_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

/// Help and version are answers; anything else is a wrong word.
fn usage(answer: &clap::Error) -> ExitCode {
    let _ = answer.print();
    match answer.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(FailureKind::Input.exit_code()),
    }
}

fn run(command: Command, environment: &Environment) -> Result<(), Failure> {
    let work = async {
        match command {
            Command::Connection(args) => {
                operate::connection(args.command, Desk::open(&args.access, environment)?).await
            }
            Command::Score(args) => {
                operate::score(args.command, Desk::open(&args.access, environment)?).await
            }
            Command::Key(args) => {
                operate::key(args.command, Desk::open(&args.access, environment)?).await
            }
            Command::Sync(cli::SyncArgs {
                access,
                command: Some(command),
            }) => operate::sync(command, Desk::open(&access, environment)?).await,
            Command::Export(args) => {
                let desk = Desk::open(&args.access, environment)?;
                operate::export(args, desk).await
            }
            Command::SignInLink(args) => {
                let desk = Desk::open(&args.access, environment)?;
                operate::sign_in_link(args, desk).await
            }
            _ => Err(Failure::other("not yet")),
        }
    };
    let unstartable =
        |cause: io::Error| Failure::other(format!("the runtime did not start: {cause}"));
    tokio::runtime::Runtime::new()
        .map_err(unstartable)?
        .block_on(work)
}
