//! What Intercom says about the rate limit: 10-second windows, told by `X-RateLimit-*` on authenticated answers.

use chrono::DateTime;
use http::{HeaderMap, header};

/// The rate headers of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetHeaders {
    /// Limit, rest and end of the window that the request was counted in; none if any of them is missing.
    pub window: Option<WindowHeaders>,
    /// `Date`: Intercom's clock when it answered, in Unix seconds.
    pub date: Option<i64>,
}

/// The window that a request was counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowHeaders {
    /// `X-RateLimit-Limit`: requests per window.
    pub limit: u32,
    /// `X-RateLimit-Remaining`: requests still permitted in it.
    pub remaining: u32,
    /// `X-RateLimit-Reset`: its end by Intercom's clock, in Unix seconds.
    pub reset: i64,
}

impl BudgetHeaders {
    /// Reads them from an answer.
    pub fn read(headers: &HeaderMap) -> Self {
        Self {
            window: WindowHeaders::read(headers),
            date: text(headers, header::DATE.as_str())
                .and_then(|date| DateTime::parse_from_rfc2822(date).ok())
                .map(|date| date.timestamp()),
        }
    }
}

impl WindowHeaders {
    fn read(headers: &HeaderMap) -> Option<Self> {
        Some(Self {
            limit: text(headers, "x-ratelimit-limit")?.parse().ok()?,
            // Overdrawn counters have been seen below zero elsewhere; nothing is left then.
            remaining: text(headers, "x-ratelimit-remaining")?
                .parse::<i64>()
                .ok()
                .map(|rest| u32::try_from(rest).unwrap_or(0))?,
            reset: text(headers, "x-ratelimit-reset")?.parse().ok()?,
        })
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_window_is_read_with_the_servers_clock() {
        let read = BudgetHeaders::read(&headers(&[
            ("x-ratelimit-limit", "167"),
            ("x-ratelimit-remaining", "166"),
            ("x-ratelimit-reset", "1790000010"),
            ("date", "Mon, 21 Sep 2026 14:13:20 GMT"),
        ]));
        let window = WindowHeaders {
            limit: 167,
            remaining: 166,
            reset: 1_790_000_010,
        };
        assert_eq!(read.window, Some(window));
        assert_eq!(read.date, Some(1_790_000_000));
    }

    #[test]
    fn half_a_window_is_none() {
        for pairs in [
            &[("x-ratelimit-limit", "167")][..],
            &[
                ("x-ratelimit-limit", "x"),
                ("x-ratelimit-remaining", "1"),
                ("x-ratelimit-reset", "1"),
            ],
        ] {
            assert_eq!(
                BudgetHeaders::read(&headers(pairs)),
                BudgetHeaders::default()
            );
        }
    }
}
