//! What an answer of Intercom means for the call that it answers.

use harken_intercom::ErrorList;

/// What becomes of a call after an answer's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the answer, also when it says 403, 404 or 410.
    Answer,
    /// The budget is spent: wait for the window and repeat. No failure.
    Busy,
    /// Intercom is in trouble: repeat, within measure.
    Trouble,
    /// The token may be dead: the body tells more.
    Doubt,
}

impl Verdict {
    pub(crate) const fn of(status: u16) -> Self {
        match status {
            429 => Self::Busy,
            500..=599 => Self::Trouble,
            401 => Self::Doubt,
            _ => Self::Answer,
        }
    }
}

/// Whether a 401 with this body leaves the token's life in doubt. `token_unauthorized` speaks of one endpoint: a missing
/// permission.
pub(crate) fn doubts_token(body: &[u8]) -> bool {
    ErrorList::parse(body).is_none_or(|errors| errors.code() != "token_unauthorized")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_trouble() {
        for (status, verdict) in [
            (200, Verdict::Answer),
            (400, Verdict::Answer),
            (403, Verdict::Answer),
            (404, Verdict::Answer),
            (410, Verdict::Answer),
            (422, Verdict::Answer),
            (429, Verdict::Busy),
            (500, Verdict::Trouble),
            (503, Verdict::Trouble),
            (401, Verdict::Doubt),
        ] {
            assert_eq!(Verdict::of(status), verdict, "{status}");
        }
    }

    #[test]
    fn a_missing_permission_leaves_the_token_alive() {
        let body = |code| format!(r#"{{"type":"error.list","errors":[{{"code":"{code}"}}]}}"#);
        assert!(!doubts_token(body("token_unauthorized").as_bytes()));
        assert!(doubts_token(body("unauthorized").as_bytes()));
        assert!(doubts_token(body("token_revoked").as_bytes()));
        assert!(doubts_token(b"<html>"));
    }
}
