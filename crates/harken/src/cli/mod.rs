//! The words of the command line, and nothing else.

mod access;
mod connection;
mod dead;
mod drill;
mod export;
mod key;
mod score;
mod sign_in_link;
mod sync;
mod topics;
mod up;

use clap::{Args, Parser, Subcommand};

pub(crate) use access::Access;
pub(crate) use connection::{
    AddConnection, ConnectionArgs, ConnectionCommand, DataPolicyWord, DisconnectConnection,
    OnDisconnectWord, RemoveData, ReplaceToken, SetSecret, TestConnection, WebhookSecretCommand,
};
pub(crate) use dead::{DeadArgs, DeadCommand, DisposeOfDead, ListDead, SelectDead};
pub(crate) use drill::{DrillArgs, DrillCommand, DrillWebhooks};
pub(crate) use export::{ExportArgs, ExportFormat, ExportKind};
pub(crate) use key::{CreateKey, KeyArgs, KeyCommand, RoleWord};
pub(crate) use score::{LevelWord, ListScores, ScoreArgs, ScoreCommand, SortWord};
pub(crate) use sign_in_link::SignInLinkArgs;
pub(crate) use sync::{RunSync, SyncArgs, SyncCommand, SyncDrift, SyncLog, SyncSettings};
pub(crate) use topics::TopicsArgs;
pub(crate) use up::UpArgs;

const EXAMPLES: &str = "\
Begin on this machine:
  harken up                                     everything, with a simulated Intercom
  harken sign-in-link                           another way into the console

Operate, from a second terminal:
  harken connection add --token-file token.txt  connect a workspace
  harken sync run --wait                        import it, with progress
  harken score list --level critical            who needs help
  harken export scores --format csv             take it elsewhere

Exit codes: 0 done, 64 bad setting or input, 66 not found, 69 unavailable, 77 refused, 1 anything else";

/// Listens to an Intercom workspace and says how every customer is doing.
#[derive(Debug, Parser)]
#[command(
    name = "harken",
    version,
    after_help = EXAMPLES,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    infer_subcommands = false
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything on this machine: stores, simulator, services, console
    Up(UpArgs),
    /// Connect workspaces, test them, end them
    Connection(ConnectionArgs),
    /// Import a workspace and see how it goes; without a command: run the sync service
    Sync(SyncArgs),
    /// Read customers' scores and why they are so
    Score(ScoreArgs),
    /// Write records or scores as JSON lines or CSV
    Export(ExportArgs),
    /// See messages that no reader could take; replay or drop them
    Dead(DeadArgs),
    /// List the topics of Intercom and what each does
    Topics(TopicsArgs),
    /// Try the deployment with notifications that are made up, and prove that none is lost
    Drill(DrillArgs),
    /// Make, list and revoke API keys
    Key(KeyArgs),
    /// Make a link that signs a member in to the console, once
    SignInLink(SignInLinkArgs),
    /// Bring the database up to date
    Migrate(MigrateArgs),
    /// Run the vault service: organizations, connections, sealed tokens
    Vault,
    /// Run the ingress service: the only thing that Intercom reaches
    Ingress,
    /// Run the scoring service
    Scoring,
    /// Run the gateway service: console and HTTP API
    Gateway,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Print one JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn sync_alone_is_the_service_and_with_a_command_the_operators() {
        let alone = Cli::try_parse_from(["harken", "sync"]).unwrap();
        assert!(matches!(
            alone.command,
            Command::Sync(SyncArgs { command: None, .. })
        ));
        let run = Cli::try_parse_from(["harken", "sync", "run", "--wait", "--json"]).unwrap();
        let Command::Sync(args) = run.command else {
            panic!("not sync")
        };
        assert!(args.access.json);
        assert!(matches!(
            args.command,
            Some(SyncCommand::Run(RunSync { wait: true, .. }))
        ));
    }

    #[test]
    fn access_may_be_given_before_and_after_the_command() {
        for words in [
            ["harken", "key", "--endpoint", "http://a:1", "list"],
            ["harken", "key", "list", "--endpoint", "http://a:1"],
        ] {
            let Command::Key(args) = Cli::try_parse_from(words).unwrap().command else {
                panic!("not key")
            };
            assert_eq!(args.access.endpoint.as_deref(), Some("http://a:1"));
        }
    }
}
