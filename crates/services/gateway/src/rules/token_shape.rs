//! What can be seen of an access token without asking anybody.

/// How every token of Intercom's begins: `tok:` in base64.
const BEGINS: &str = "dG9r";
/// Tokens are longer.
const SHORT: usize = 40;

/// What looks wrong with a token that Intercom refused, in a sentence; none where nothing does.
pub(crate) fn oddity(token: &str) -> Option<&'static str> {
    let is_of_one_piece = !token.contains(char::is_whitespace);
    if token
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("bearer "))
    {
        Some("What was pasted begins with “Bearer”: leave that word out.")
    } else if !is_of_one_piece {
        Some("What was pasted has a space or a line break within it.")
    } else if !token.starts_with(BEGINS) {
        Some(
            "What was pasted does not begin with dG9r, as Intercom's tokens usually do: its beginning may be cut off, or it is another secret of the app.",
        )
    } else if token.len() < SHORT || !token.len().is_multiple_of(4) {
        Some("What was pasted looks cut off at its end.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_cut_or_mixed_up_is_recognised() {
        let whole = "dG9rOjEyMzQ1Njc4XzEyMzRfMTIzNF8xMjM0XzEyMzQ1Njc4OTAxMjoxOjA=";
        for (token, words) in [
            (whole, None),
            (&whole[..whole.len() - 3], Some("cut off at its end")),
            (&whole[..8], Some("cut off at its end")),
            (&whole[4..], Some("beginning may be cut off")),
            ("Bearer dG9rOjEy", Some("leave that word out")),
            ("dG9rOjEy MzQ1", Some("a space")),
            ("", Some("does not begin")),
        ] {
            let found = oddity(token);
            assert_eq!(found.is_some(), words.is_some(), "{token}: {found:?}");
            assert!(found.is_none_or(|found| found.contains(words.unwrap())));
        }
    }
}
