use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::Access;

#[derive(Debug, Args)]
pub(crate) struct DrillArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: DrillCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DrillCommand {
    /// Send signed notifications of a made-up workspace through the real edge, and follow each to the mirror
    Webhooks(DrillWebhooks),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DrillWebhooks {
    /// Notifications a second
    #[arg(long, value_name = "N", default_value_t = 500.0, value_parser = rate)]
    pub(crate) rate: f64,

    /// How long to send: 90s, 5m, 1h
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(crate) length: Duration,

    /// Share of notifications that come more than once, 0 to 0.9
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    pub(crate) duplicates: f64,

    /// Share that comes after later ones of the same record
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    pub(crate) reorder: f64,

    /// Share that comes last of all
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = share)]
    pub(crate) late: f64,

    /// Most connections to the edge at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) connections: u16,

    /// Address of the edge [default: what the deployment shows to paste into Intercom]
    #[arg(long, value_name = "URL")]
    pub(crate) ingress: Option<String>,

    /// After which time a refused one is sent once more, as Intercom does
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(crate) retry: Duration,

    /// Send nothing twice after a refusal
    #[arg(long, conflicts_with = "retry")]
    pub(crate) no_retry: bool,

    /// How long nothing may move before what is missing counts as lost
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub(crate) patience: Duration,

    /// What the story is drawn from [default: chance]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Write what became of each notification to this file, a JSON object per line
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,

    /// Leave the made-up connection and its records there
    #[arg(long)]
    pub(crate) keep: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=100_000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("has to lie between 0.1 and 100000".to_owned())
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=0.9).contains(&share) {
        Ok(share)
    } else {
        Err("has to lie between 0 and 0.9".to_owned())
    }
}

/// `90s`, `1.5m`, `2h`, `500ms`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number: f64 = text[..text.len() - unit.len()]
        .parse()
        .map_err(|_| "write it like 90s, 5m or 1h".to_owned())?;
    let secs = match unit {
        "ms" => number / 1_000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3_600.0,
        "d" => number * 86_400.0,
        _ => return Err("write it like 90s, 5m or 1h".to_owned()),
    };
    Duration::try_from_secs_f64(secs).map_err(|_| "is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, millis) in [
            ("90s", 90_000),
            ("1.5m", 90_000),
            ("2h", 7_200_000),
            ("500ms", 500),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "90", "s", "-1s", "1y", "1s2"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shares_leave_something_in_order() {
        assert!(share("0").is_ok() && share("0.9").is_ok());
        assert!(share("1").is_err() && share("-0.1").is_err() && share("NaN").is_err());
    }
}
