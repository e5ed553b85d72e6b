#![doc = include_str!("../README.md")]

mod cli;
mod drill;
mod failure;
mod operate;
mod output;
mod services;
mod up;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use harken_runtime::Environment;
use tikv_jemallocator::Jemalloc;
use tokio::runtime::Runtime;

use cli::{Access, Cli, Command, SyncArgs};
use failure::{Failure, FailureKind};
use operate::Desk;
use output::Output;

/// Threads free what others allocated, and large answers come and go: it does so with less work than the C library's, and
/// gives the memory back.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return usage(&answer),
    };
    match run(cli.command, Environment::from_process()) {
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

fn run(command: Command, environment: Environment) -> Result<(), Failure> {
    let unstartable = |cause| Failure::other(format!("the runtime did not start: {cause}"));
    Runtime::new()
        .map_err(unstartable)?
        .block_on(carry_out(command, environment))
}

async fn carry_out(command: Command, environment: Environment) -> Result<(), Failure> {
    let desk = |access: &Access| Desk::open(access, &environment);
    match command {
        Command::Vault => services::run(services::VAULT, &environment).await,
        Command::Ingress => services::run(services::INGRESS, &environment).await,
        Command::Sync(SyncArgs { command: None, .. }) => {
            services::run(services::SYNC, &environment).await
        }
        Command::Scoring => services::run(services::SCORING, &environment).await,
        Command::Gateway => services::run(services::GATEWAY, &environment).await,
        Command::Migrate(args) => {
            services::migrate(&environment, Output::standard(args.json, &environment)).await
        }
        Command::Up(args) => up::run(args, environment).await,
        Command::Connection(args) => operate::connection(args, &environment).await,
        Command::Sync(SyncArgs {
            command: Some(command),
            access,
        }) => operate::sync(command, desk(&access)?).await,
        Command::Score(args) => operate::score(args.command, desk(&args.access)?).await,
        Command::Dead(args) => operate::dead(args.command, desk(&args.access)?).await,
        Command::Topics(args) => operate::topics(desk(&args.access)?, args).await,
        Command::Drill(args) => drill::run(args, &environment).await,
        Command::Key(args) => operate::key(args.command, desk(&args.access)?).await,
        Command::Export(args) => operate::export(desk(&args.access)?, args).await,
        Command::SignInLink(args) => operate::sign_in_link(desk(&args.access)?, args).await,
    }
}
