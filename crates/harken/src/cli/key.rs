use clap::{Args, Subcommand, ValueEnum};

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make an API key; its secret is shown this once
    Create(CreateKey),
    /// List API keys, without their secrets
    List,
    /// Revoke an API key at once
    Revoke {
        /// `key_…`
        key: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// What it is for
    pub(crate) name: String,

    /// What it may do
    #[arg(long, value_enum, default_value_t = RoleWord::Viewer)]
    pub(crate) role: RoleWord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleWord {
    /// Reads
    Viewer,
    /// Works with customers and starts runs
    Member,
    /// Manages members, keys and connections
    Admin,
    /// Everything
    Owner,
}
