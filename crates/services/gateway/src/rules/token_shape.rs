//! What can be seen of an access token without asking anybody.

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
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_with_something_besides_is_recognised() {
        for (token, words) in [
            ("a1b2c3", None),
            ("Bearer a1b2c3", Some("leave that word out")),
            ("a1b2 c3", Some("a space")),
        ] {
            let found = oddity(token);
            assert_eq!(found.is_some(), words.is_some(), "{token}: {found:?}");
            assert!(found.is_none_or(|found| found.contains(words.unwrap())));
        }
    }
}
