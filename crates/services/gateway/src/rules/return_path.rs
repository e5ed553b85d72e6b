//! Where to go after signing in or dismissing something: only ever within this console.

/// Longest path worth keeping.
const LONGEST: usize = 1_024;

/// The path if it leads within this console, else the overview.
///
/// Browsers read `\` as `/`, and `//host` as another site; control characters could split a header.
pub(crate) fn within_console(path: &str) -> &str {
    let inside = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && path.len() <= LONGEST
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_of_the_console_are_kept() {
        for path in [
            "/",
            "/customers?q=a%20b&level=critical",
            "/customers/cus_1#score",
        ] {
            assert_eq!(within_console(path), path);
        }
    }

    #[test]
    fn other_sites_are_not_returned_to() {
        for path in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x",
            "/\u{0}",
            " /a",
            "/ü",
        ] {
            assert_eq!(within_console(path), "/", "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_in_stays_on_this_origin(path: String) {
            let base = url::Url::parse("http://console.test/").unwrap();
            let joined = base.join(within_console(&path)).unwrap();
            prop_assert_eq!(joined.origin(), base.origin());
        }
    }
}
