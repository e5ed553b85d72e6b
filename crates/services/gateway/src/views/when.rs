use std::fmt;

use askama::filters::HtmlSafe;
use chrono::{DateTime, SecondsFormat, Utc};
use harken_contracts::convert::datetime;
use prost_types::Timestamp;

use crate::rules::moment;

/// A moment as people say it; the exact one shows on hover.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    at: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl When {
    pub(crate) const fn at(at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { at, now }
    }

    /// The moment as it arrived; none where it is absent or beyond the calendar.
    pub(crate) fn read(timestamp: Option<&Timestamp>, now: DateTime<Utc>) -> Option<Self> {
        let at = datetime(timestamp?).ok()?;
        Some(Self { at, now })
    }

    /// The time of day to the second: `14:05:09`.
    pub(crate) fn clock(&self) -> String {
        moment::clock(self.at)
    }

    /// The moment to the minute: `20 Nov 2026, 14:05 UTC`.
    pub(crate) fn exact(&self) -> String {
        moment::exact(self.at)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<time datetime="{}" title="{}">{}</time>"#,
            self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            moment::exact(self.at),
            moment::relative(self.now, self.at)
        )
    }
}

impl HtmlSafe for When {}
