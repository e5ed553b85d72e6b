use std::path::PathBuf;

use clap::Args;

/// How an operator's command reaches a deployment, and how it answers.
#[derive(Debug, Args)]
pub(crate) struct Access {
    /// gRPC address [default: `HARKEN_ENDPOINT`, else the nearest .harken/client.json]
    #[arg(long, global = true, value_name = "URL", help_heading = "Access")]
    pub(crate) endpoint: Option<String>,

    /// File with an API key [default: `HARKEN_API_KEY` or `HARKEN_API_KEY_FILE`, else the nearest
    /// .harken/client.json]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Access")]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Print JSON: an object, or one object per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
