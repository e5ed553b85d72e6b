//! How a token died, and the evidence.

use chrono::{DateTime, Utc};
use harken_intercom::ErrorList;

/// Most characters of what Intercom says that are quoted.
const LONGEST_QUOTE: usize = 64;

/// Intercom's refusal to say whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    at: DateTime<Utc>,
    /// Intercom's word for it; empty if it said none.
    code: String,
    /// To quote to Intercom; empty if there is none.
    request_id: String,
}

/// How a token died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Death {
    /// Intercom refused it when it was used.
    Refused(Evidence),
    /// Intercom said that the app was uninstalled, and refuses the token.
    Uninstalled(Evidence),
}

impl Evidence {
    /// Reads the 401 that `/me` was answered with.
    pub(crate) fn of(at: DateTime<Utc>, body: &[u8], request_id: Option<&str>) -> Self {
        let code = ErrorList::parse(body).map(|errors| errors.code().to_owned());
        Self {
            at,
            code: quotable(code.as_deref().unwrap_or_default()),
            request_id: quotable(request_id.unwrap_or_default()),
        }
    }

    fn words(&self) -> String {
        let Self {
            at,
            code,
            request_id,
        } = self;
        let spaced = if code.is_empty() { "" } else { " " };
        let at = at.format("%Y-%m-%d %H:%M UTC");
        let mut words = format!("401{spaced}{code} on GET /me at {at}");
        if !request_id.is_empty() {
            words.push_str(", request id ");
            words.push_str(request_id);
        }
        words
    }
}

impl Death {
    /// In words for members.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Refused(evidence) => format!(
                "Intercom refuses the access token ({}): the app was uninstalled, or the token revoked or replaced; \
                 connect again",
                evidence.words()
            ),
            Self::Uninstalled(evidence) => format!(
                "the app was uninstalled in Intercom, which says so and refuses the token ({}); connect again to \
                 install it",
                evidence.words()
            ),
        }
    }

    /// For the audit log.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Refused(evidence) => evidence.words(),
            Self::Uninstalled(evidence) => format!("uninstalled; {}", evidence.words()),
        }
    }
}

fn quotable(text: &str) -> String {
    let sound = text.chars().filter(char::is_ascii_graphic);
    sound.take(LONGEST_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"type":"error.list","errors":[{"code":"unauthorized"}]}"#;

    #[test]
    fn the_evidence_is_told_in_words() {
        let evidence = Evidence::of(DateTime::UNIX_EPOCH, BODY, Some("req-7"));
        let words = "401 unauthorized on GET /me at 1970-01-01 00:00 UTC, request id req-7";
        let refused = Death::Refused(evidence.clone());
        assert!(refused.reason().contains(words), "{}", refused.reason());
        assert_eq!(refused.detail(), words);
        let uninstalled = Death::Uninstalled(evidence);
        assert!(uninstalled.reason().contains(words));
        assert_eq!(uninstalled.detail(), format!("uninstalled; {words}"));
    }

    #[test]
    fn what_is_quoted_is_short_and_plain() {
        let wild = "x\n".repeat(100);
        let evidence = Evidence::of(DateTime::UNIX_EPOCH, b"<html>", Some(&wild));
        let words = Death::Refused(evidence).detail();
        assert!(words.starts_with("401 on GET /me at"), "{words}");
        assert!(
            words.ends_with(&"x".repeat(64)) && !words.contains('\n'),
            "{words}"
        );
    }
}
