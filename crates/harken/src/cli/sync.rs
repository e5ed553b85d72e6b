use clap::{Args, Subcommand};

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: Option<SyncCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SyncCommand {
    /// Start a full import, or join the one going on
    Run(RunSync),
    /// Show what the mirror holds and how the last run went
    Status {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
    /// Show the log of a run
    Log(SyncLog),
}

#[derive(Debug, Args)]
pub(crate) struct RunSync {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// Stay until the run has ended; fails if the run fails
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SyncLog {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// `run_…` [default: the latest]
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,

    /// Only lines of this severity
    #[arg(long, value_parser = ["info", "warning", "error"])]
    pub(crate) severity: Option<String>,

    /// Only lines that contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) query: Option<String>,

    /// Most lines to show, the newest
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}
