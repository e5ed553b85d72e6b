use clap::Args;

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct TopicsArgs {
    #[command(flatten)]
    pub(crate) access: Access,

    /// Only those that an app should subscribe to for Harken
    #[arg(long)]
    pub(crate) needed: bool,
}
