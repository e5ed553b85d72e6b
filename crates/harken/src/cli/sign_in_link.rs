use clap::Args;

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct SignInLinkArgs {
    #[command(flatten)]
    pub(crate) access: Access,

    /// Who is to be signed in, `mem_…` or e-mail address [default: the first owner]
    #[arg(long)]
    pub(crate) member: Option<String>,

    /// Address of the console [default: `HARKEN_PUBLIC_URL`, else the nearest .harken/client.json]
    #[arg(long, value_name = "URL")]
    pub(crate) console: Option<String>,
}
