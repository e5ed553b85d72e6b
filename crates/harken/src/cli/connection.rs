use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::Access;
use super::drill::duration;

#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: ConnectionCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Connect a workspace with an access token
    Add(AddConnection),
    /// List connections
    List,
    /// Show one connection and what the mirror holds of it
    Show {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
    /// Prove each needed permission by a call to Intercom
    Test(TestConnection),
    /// Show how its notifications arrive and what they do
    Live {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
    /// Set, show or retire the secret that signs the notifications of an app of one's own
    #[command(subcommand)]
    WebhookSecret(WebhookSecretCommand),
    /// Replace the access token of a connection; what was mirrored stays
    ReplaceToken(ReplaceToken),
    /// End a connection; its token is forgotten
    Disconnect(DisconnectConnection),
    /// Have every service erase what it keeps of a disconnected connection
    RemoveData(RemoveData),
    /// Show what every service erased of a connection
    Erasure {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddConnection {
    /// File with the access token, `-` for standard input [default: ask]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// What may be kept
    #[arg(long, value_enum, default_value_t = DataPolicyWord::Full)]
    pub(crate) data_policy: DataPolicyWord,

    /// What becomes of mirrored data when the connection ends
    #[arg(long, value_enum, default_value_t = OnDisconnectWord::Retain)]
    pub(crate) on_disconnect: OnDisconnectWord,

    // A token on the command line is seen by everybody on the machine. Both are caught to say so without repeating it.
    #[arg(long, hide = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    #[arg(hide = true, num_args = 0..)]
    pub(crate) misplaced: Vec<String>,
}

impl ConnectionCommand {
    /// Whether something that may be a token stands on the command line.
    pub(crate) fn shows_token(&self) -> bool {
        match self {
            Self::Add(add) => add.token.is_some() || !add.misplaced.is_empty(),
            Self::ReplaceToken(replace) => replace.token.is_some() || !replace.misplaced.is_empty(),
            _ => false,
        }
    }

    /// Whether something that may be a webhook secret stands on the command line.
    pub(crate) fn shows_secret(&self) -> bool {
        let Self::WebhookSecret(WebhookSecretCommand::Set(set)) = self else {
            return false;
        };
        set.secret.is_some() || !set.misplaced.is_empty()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookSecretCommand {
    /// Set or replace it: the client secret of the app, from Intercom's Developer Hub
    Set(SetSecret),
    /// Show whether one is set, and how far its replacement is
    Show {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
    /// Let the replaced one verify nothing any more
    Retire {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SetSecret {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// File with the secret, `-` for standard input [default: ask]
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// How long the replaced one stays valid, at most 7d [default: 1d]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) grace: Option<Duration>,

    // As with tokens: caught to say so without repeating it.
    #[arg(long, hide = true, value_name = "SECRET")]
    pub(crate) secret: Option<String>,
    #[arg(hide = true, num_args = 0..)]
    pub(crate) misplaced: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TestConnection {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// Test the token in this file instead, without keeping it; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "connection")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DisconnectConnection {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReplaceToken {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// File with the access token, `-` for standard input [default: ask]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    // As with `add`: caught to say so without repeating it.
    #[arg(long, hide = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    #[arg(hide = true, num_args = 0..)]
    pub(crate) misplaced: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveData {
    /// `con_…`
    pub(crate) connection: String,

    /// The name of its workspace, exactly as it is: this cannot be undone
    #[arg(long, value_name = "NAME")]
    pub(crate) workspace_name: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum DataPolicyWord {
    /// Content and personal data are mirrored
    Full,
    /// Only structure is kept; people are pseudonyms
    MetadataOnly,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum OnDisconnectWord {
    /// Records and scores stay, no longer updated
    Retain,
    /// Every service erases
    Purge,
}
