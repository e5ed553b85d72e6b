use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) access: Access,

    /// What to export
    #[arg(value_enum)]
    pub(crate) kind: ExportKind,

    /// How to write it. CSV holds lists and objects as JSON, and puts ' before a text that a spreadsheet would run
    /// as a formula
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
    pub(crate) format: ExportFormat,

    /// File to write, replaced once everything is written [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Only this connection, `con_…` or workspace id [default: all]
    #[arg(long)]
    pub(crate) connection: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportKind {
    Contacts,
    Companies,
    Conversations,
    Parts,
    Scores,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object per line
    Jsonl,
    /// A header and one line per row
    Csv,
}
