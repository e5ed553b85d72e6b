//! What Intercom sent the browser back with.

/// How an attempt to connect by OAuth fails. One reason each, which a program and a person can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mishap {
    #[error("the connection was cancelled in Intercom; nothing was connected")]
    Cancelled,
    #[error(
        "Intercom does not know this app; compare HARKEN_INTERCOM_CLIENT_ID and its secret with the \
         Developer Hub (invalid_client)"
    )]
    WrongClient,
    #[error(
        "the redirect URL is not registered in Intercom's Developer Hub; add it there exactly as it is \
         (redirect_uri_mismatch)"
    )]
    RedirectMismatch,
    #[error("the attempt lapsed after ten minutes; connect again")]
    StateExpired,
    #[error(
        "this answer belongs to no open attempt of this browser: it was used before, or began elsewhere; \
         connect again"
    )]
    StateUnknown,
    #[error("Intercom refused the code that it gave; connect again")]
    CodeRefused,
}

impl Mishap {
    /// `ErrorInfo.reason`.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Cancelled => "OAUTH_CANCELLED",
            Self::WrongClient => "OAUTH_WRONG_CLIENT",
            Self::RedirectMismatch => "OAUTH_REDIRECT_MISMATCH",
            Self::StateExpired => "OAUTH_STATE_EXPIRED",
            Self::StateUnknown => "OAUTH_STATE_UNKNOWN",
            Self::CodeRefused => "OAUTH_CODE_REFUSED",
        }
    }
}

/// Reads `code` and `error` as they came; the code is not touched, it may end in `=`.
pub(crate) fn code<'c>(code: &'c str, error: &str) -> Result<&'c str, Mishap> {
    match error {
        // Intercom does not document what a denial looks like: no code and no error is one.
        "" if code.is_empty() => Err(Mishap::Cancelled),
        "" if code.len() > 4096 => Err(Mishap::CodeRefused),
        "" => Ok(code),
        "access_denied" => Err(Mishap::Cancelled),
        "invalid_client" | "unauthorized_client" => Err(Mishap::WrongClient),
        "redirect_uri_mismatch" | "invalid_redirect_uri" => Err(Mishap::RedirectMismatch),
        _ => Err(Mishap::CodeRefused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_read_for_what_it_says() {
        for (given, error, read) in [
            ("abc==", "", Ok("abc==")),
            ("", "", Err(Mishap::Cancelled)),
            ("abc", "access_denied", Err(Mishap::Cancelled)),
            ("", "access_denied", Err(Mishap::Cancelled)),
            ("", "invalid_client", Err(Mishap::WrongClient)),
            ("", "redirect_uri_mismatch", Err(Mishap::RedirectMismatch)),
            ("", "server_error", Err(Mishap::CodeRefused)),
        ] {
            assert_eq!(code(given, error), read, "{given} {error}");
        }
    }
}
