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
    /// Start a run, or join the one going on: a full import, or what changed
    Run(RunSync),
    /// Have syncing stand still; the run going on stays where it is
    Pause {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
    /// Have syncing go on from where it stands
    Resume {
        /// `con_…` or workspace id; not needed where there is just one
        connection: Option<String>,
    },
    /// Show how often and how far back a connection is synced, or change it
    Settings(SyncSettings),
    /// Show what runs had to correct because no notification had told it
    Drift(SyncDrift),
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

    /// Read only what changed since the last run
    #[arg(long)]
    pub(crate) incremental: bool,

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

#[derive(Debug, Args)]
pub(crate) struct SyncSettings {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// Time between runs that read what changed: `90s`, `15m`, `2h` or `1d`; from a minute to a day
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) interval: Option<u32>,

    /// Days back for which a full import reads conversations, 1 to 3650
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) backfill_days: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct SyncDrift {
    /// `con_…` or workspace id; not needed where there is just one
    pub(crate) connection: Option<String>,

    /// Days back, 1 to 90
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) days: u32,
}

/// Reads a time such as `15m`.
fn seconds(text: &str) -> Result<u32, String> {
    let wanted = || "say it like 90s, 15m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(wanted)?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wanted()),
    };
    let number: u32 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| wanted())?;
    number.checked_mul(each).ok_or_else(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_unit() {
        for (text, secs) in [
            ("90s", Some(90)),
            ("15m", Some(900)),
            ("2h", Some(7200)),
            ("1d", Some(86_400)),
            ("15", None),
            ("m", None),
            ("", None),
            ("1.5h", None),
            ("9999999d", None),
        ] {
            assert_eq!(seconds(text).ok(), secs, "{text}");
        }
    }
}
