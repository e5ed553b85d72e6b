//! Times as people read them.

use chrono::DateTime;

/// A moment, told from now and exactly.
#[derive(Debug, Clone)]
pub(super) struct When {
    pub(super) ago: String,
    /// How long ago, without saying so.
    pub(super) span: String,
    pub(super) exact: String,
}

impl When {
    /// Both in Unix seconds.
    pub(super) fn new(at: i64, now: i64) -> Self {
        let time = DateTime::from_timestamp(at, 0).unwrap_or_default();
        Self {
            ago: ago(now - at),
            span: span((now - at).max(0)),
            exact: time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        }
    }
}

fn ago(secs: i64) -> String {
    match secs {
        i64::MIN..=-61 => format!("in {}", span(-secs)),
        -60..=9 => "now".to_owned(),
        _ => format!("{} ago", span(secs)),
    }
}

fn span(secs: i64) -> String {
    match secs {
        ..60 => format!("{secs} s"),
        60..3600 => format!("{} min", secs / 60),
        3600..86_400 => format!("{} h", secs / 3600),
        _ => format!("{} d", secs / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        let rows = [
            (0, "now"),
            (30, "30 s ago"),
            (61, "1 min ago"),
            (7200, "2 h ago"),
            (86_400 * 9, "9 d ago"),
            (-7200, "in 2 h"),
        ];
        for (secs, expected) in rows {
            assert_eq!(ago(secs), expected);
        }
    }
}
