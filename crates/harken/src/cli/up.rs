use std::path::PathBuf;

use clap::Args;

/// The first of the ports that a local deployment uses, and how many follow it.
const BASE: u16 = 7400;
const HIGHEST_BASE: i64 = 65_529;

#[derive(Clone, Debug, Args)]
pub(crate) struct UpArgs {
    /// First port: console N, gRPC N+1, Intercom's notifications N+2, simulator N+3, Postgres N+4, NATS N+5, health and metrics N+6
    #[arg(
        long, value_name = "N", default_value_t = BASE,
        value_parser = clap::value_parser!(u16).range(1024..=HIGHEST_BASE)
    )]
    pub(crate) port_base: u16,

    /// Where data, secrets and logs are kept
    #[arg(long, value_name = "DIR", default_value = ".harken")]
    pub(crate) state_dir: PathBuf,

    /// Contacts of the simulated workspace [default: 500]
    #[arg(long, value_name = "N")]
    pub(crate) contacts: Option<u32>,

    /// Conversations of the simulated workspace [default: 2000]
    #[arg(long, value_name = "N")]
    pub(crate) conversations: Option<u32>,

    /// What the simulated workspace's story is drawn from [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Requests a minute that the simulator permits; 0 for no limit
    #[arg(long, value_name = "N")]
    pub(crate) rate_per_minute: Option<u32>,

    /// Things that happen in the simulated workspace each minute once it is connected; 0 keeps it still
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub(crate) story_per_minute: u32,

    /// Print one JSON object per line: starting, ready, stopped
    #[arg(long)]
    pub(crate) json: bool,
}
