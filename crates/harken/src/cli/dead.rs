use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};

use super::Access;
use super::drill::duration;

#[derive(Debug, Args)]
pub(crate) struct DeadArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: DeadCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadCommand {
    /// List messages that no reader could take, newest first
    List(ListDead),
    /// Show one with its message
    Show {
        /// Its number, as listed
        id: u64,
    },
    /// Give messages back to their readers; doing it twice does no harm
    Replay(DisposeOfDead),
    /// Give messages up for good
    Drop(DisposeOfDead),
}

/// Which dead letters; everything given has to fit.
#[derive(Clone, Debug, Args)]
pub(crate) struct SelectDead {
    /// Only this one; may be repeated
    #[arg(long, value_name = "N")]
    pub(crate) id: Vec<u64>,

    /// Only of this connection, `con_…` or workspace id
    #[arg(long)]
    pub(crate) connection: Option<String>,

    /// Only those that died of this
    #[arg(long, value_name = "WORD")]
    pub(crate) reason: Option<String>,

    /// Only those that this service could not take
    #[arg(long, value_name = "WORD")]
    pub(crate) service: Option<String>,

    /// Only those that died since: 2h, 3d, 2026-11-20, 2026-11-20T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = point)]
    pub(crate) since: Option<Point>,

    /// Only those that died before
    #[arg(long, value_name = "TIME", value_parser = point)]
    pub(crate) before: Option<Point>,
}

impl SelectDead {
    /// Whether it leaves anything out.
    pub(crate) fn is_everything(&self) -> bool {
        let Self {
            id,
            connection,
            reason,
            service,
            since,
            before,
        } = self;
        id.is_empty()
            && connection.is_none()
            && reason.is_none()
            && service.is_none()
            && since.is_none()
            && before.is_none()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ListDead {
    #[command(flatten)]
    pub(crate) selection: SelectDead,

    /// Most to show
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Print CSV: a header and one line per dead letter
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DisposeOfDead {
    #[command(flatten)]
    pub(crate) selection: SelectDead,

    /// All there are, where nothing else is said
    #[arg(long)]
    pub(crate) all: bool,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A moment, or how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    At(DateTime<Utc>),
    Ago(Duration),
}

impl Point {
    pub(crate) fn from(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now - ago,
        }
    }
}

fn point(text: &str) -> Result<Point, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Point::At(at.to_utc()));
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
        return Ok(Point::At(midnight));
    }
    let ago = duration(text).map(Point::Ago);
    ago.map_err(|_| "write it like 2h, 3d, 2026-11-20 or 2026-11-20T08:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_is_a_moment_a_day_or_a_while_ago() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let now = at("2026-11-20T12:00:00Z");
        for (text, moment) in [
            ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
            ("2026-11-20T08:00:00+02:00", "2026-11-20T06:00:00Z"),
            ("2026-11-19", "2026-11-19T00:00:00Z"),
            ("2h", "2026-11-20T10:00:00Z"),
            ("3d", "2026-11-17T12:00:00Z"),
        ] {
            assert_eq!(point(text).unwrap().from(now), at(moment), "{text}");
        }
        assert!(point("yesterday").is_err());
    }
}
