use clap::{Args, Subcommand, ValueEnum};

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: ScoreCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScoreCommand {
    /// Show a customer's score and its factors
    Show {
        /// `cus_…`, Intercom's contact id, or e-mail address
        customer: String,
    },
    /// Explain a customer's score in words
    Explain {
        /// `cus_…`, Intercom's contact id, or e-mail address
        customer: String,
    },
    /// List scores
    List(ListScores),
}

#[derive(Debug, Args)]
pub(crate) struct ListScores {
    /// Only this level; may be repeated
    #[arg(long, value_enum)]
    pub(crate) level: Vec<LevelWord>,

    /// Only this connection, `con_…` or workspace id
    #[arg(long)]
    pub(crate) connection: Option<String>,

    /// Only names and addresses that contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) query: Option<String>,

    /// Order
    #[arg(long, value_enum, default_value_t = SortWord::Points)]
    pub(crate) sort: SortWord,

    /// Most customers to show
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum LevelWord {
    Healthy,
    #[value(alias = "at-risk")]
    AtRisk,
    Critical,
    /// N/A: no conversation to judge by
    #[value(alias = "na", alias = "n/a")]
    NotApplicable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortWord {
    /// Lowest score first
    Points,
    /// Highest score first
    PointsDescending,
    /// By name
    Name,
    /// Last seen most recently first
    LastSeen,
}
