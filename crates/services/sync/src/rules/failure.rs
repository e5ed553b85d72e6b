//! Why a run failed, in words that say what to do.

use harken_intercom::{ReadError, TransportError};

use super::counts::Kind;

/// Said where the key is gone that the people of a connection are named by.
pub(crate) const NO_PSEUDONYM_KEY: &str = "The key that makes pseudonyms of this workspace's people is gone, so nothing can be read without knowing who they are. Disconnect the workspace with its data removed, then connect it again.";

/// Why reading `kind` could not go on, with the remedy.
pub(crate) fn words(kind: Kind, error: &ReadError) -> String {
    words_about(kind.as_str(), permission(kind), error)
}

/// The same, where another permission than the kind's usual one is needed.
pub(crate) fn words_about(what: &str, permission: &str, error: &ReadError) -> String {
    match error {
        ReadError::Transport(TransportError::ConnectionBroken { reason }) => {
            // The vault's words end with the same remedy.
            let what = reason.split("; connect again").next().unwrap_or(reason);
            format!(
                "Intercom no longer gives this connection access: {what}. Connect the workspace again."
            )
        }
        ReadError::Transport(TransportError::Refused { reason }) => {
            format!("The request for {what} was refused: {reason}.")
        }
        ReadError::Transport(TransportError::TooLarge { limit_bytes }) => format!(
            "Intercom's answer about {what} was larger than {} MiB. Start the sync again later.",
            limit_bytes / (1024 * 1024)
        ),
        ReadError::Transport(error) => format!(
            "{} while reading {what}. Start the sync again when Intercom is back.",
            capitalized(&error.to_string())
        ),
        ReadError::Denied { status: 402, .. } => {
            format!("Intercom's plan of this workspace does not include reading {what} (402).")
        }
        ReadError::Denied { status, scope, .. } => format!(
            "The permission \u{201c}{}\u{201d}{} is missing: Intercom refused {what} ({status}). Grant it in Intercom's \
             Developer Hub, then start the sync again.",
            permission,
            scope
                .as_ref()
                .map(|scope| format!(" ({scope})"))
                .unwrap_or_default()
        ),
        ReadError::NotFound { .. }
        | ReadError::Merged { .. }
        | ReadError::NotRemembered
        | ReadError::Rejected { .. } => {
            format!(
                "Reading {what} failed: {error}. Start the sync again; if it stays, quote the request id to Intercom."
            )
        }
        ReadError::Malformed { .. } => {
            format!("Reading {what} failed again and again: {error}. Start the sync again later.")
        }
    }
}

/// Name of the permission as Intercom's Developer Hub shows it.
pub(crate) const fn permission(kind: Kind) -> &'static str {
    match kind {
        Kind::Tags => "Read tags",
        Kind::Admins | Kind::Teams => "Read admins",
        Kind::Companies | Kind::Contacts | Kind::Segments | Kind::Attributes => {
            "Read and list users and companies"
        }
        Kind::Conversations | Kind::Parts => "Read conversations",
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_token_is_told_with_one_remedy() {
        let refused = "Intercom refuses the access token (401 token_revoked on GET /me at 2026-11-28 10:00 UTC): the app \
                       was uninstalled, or the token revoked or replaced";
        let uninstalled =
            "the app was uninstalled in Intercom, which says so and refuses the token (401)";
        for (reason, what) in [
            (format!("{refused}; connect again"), refused),
            (
                format!("{uninstalled}; connect again to install it"),
                uninstalled,
            ),
            ("401 unauthorized".to_owned(), "401 unauthorized"),
        ] {
            let broken = ReadError::Transport(TransportError::ConnectionBroken { reason });
            let expected = format!(
                "Intercom no longer gives this connection access: {what}. Connect the workspace again."
            );
            assert_eq!(words(Kind::Contacts, &broken), expected);
        }
    }

    #[test]
    fn each_failure_names_its_remedy() {
        let broken = TransportError::ConnectionBroken {
            reason: "401 unauthorized".to_owned(),
        };
        let unreachable = TransportError::Unreachable {
            reason: "no answer within 30 s".to_owned(),
        };
        for (error, expected) in [
            (
                ReadError::Transport(broken),
                ["401 unauthorized", "Connect the workspace again"],
            ),
            (
                ReadError::Transport(unreachable),
                ["Intercom is unreachable: no answer", "Start the sync again"],
            ),
            (
                ReadError::Denied {
                    status: 403,
                    code: "forbidden".to_owned(),
                    scope: Some("read_conversations".to_owned()),
                    request_id: None,
                },
                ["“Read conversations” (read_conversations)", "Developer Hub"],
            ),
            (
                ReadError::Malformed {
                    problem: "is empty".to_owned(),
                    request_id: None,
                },
                ["is empty", "Start the sync again later"],
            ),
        ] {
            let words = words(Kind::Conversations, &error);
            for part in expected {
                assert!(words.contains(part), "{words}");
            }
        }
    }
}
