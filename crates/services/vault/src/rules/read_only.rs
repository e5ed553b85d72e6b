//! Promise 6: what goes through `Call` reads. Whatever could write, or leave Intercom's host, is refused.

use harken_intercom::Method;

/// The searches and lists that Intercom wants as POST. They change nothing.
const READING_POSTS: [&str; 3] = [
    "/contacts/search",
    "/conversations/search",
    "/companies/list",
];
/// Longest path and query.
const MOST_BYTES: usize = 4096;

/// Why a request is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("it must be `GET`, or `POST` to a search")]
    Writes,
    #[error("it must be path and query, such as `/contacts?per_page=50`, percent-encoded")]
    Malformed,
}

/// Reads method and path of a request that is to be passed on.
pub(crate) fn admit(method: &str, path: &str) -> Result<Method, Refusal> {
    if !is_well_formed(path) {
        return Err(Refusal::Malformed);
    }
    match method {
        "GET" => Ok(Method::Get),
        "POST" if READING_POSTS.contains(&path) => Ok(Method::Post),
        _ => Err(Refusal::Writes),
    }
}

fn is_well_formed(target: &str) -> bool {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    let path_is_sound = path.bytes().all(|byte| plain(byte) || byte == b'/');
    let query_is_sound = query
        .bytes()
        .all(|byte| plain(byte) || b"=&+,:;[]!*'()$".contains(&byte));
    let mut segments = path.split('/').skip(1).peekable();
    let segments_are_sound = segments.peek().is_some_and(|first| !first.is_empty())
        // Escaped dots count as dots to a URL parser.
        && segments.all(|segment| !matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "" | "." | ".."));
    target.len() <= MOST_BYTES
        && path.starts_with('/')
        && path_is_sound
        && query_is_sound
        && segments_are_sound
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn reading_is_admitted() {
        for path in [
            "/me",
            "/contacts?per_page=150&starting_after=WzE2%3D%3D",
            "/conversations/123?display_as=plaintext",
            "/contacts/5ba682d2/tags",
            "/companies/scroll?scroll_param=a-b_c",
        ] {
            assert_eq!(admit("GET", path), Ok(Method::Get), "{path}");
        }
        for path in READING_POSTS {
            assert_eq!(admit("POST", path), Ok(Method::Post), "{path}");
        }
    }

    #[test]
    fn writing_is_refused() {
        for (method, path) in [
            ("POST", "/contacts"),
            ("POST", "/conversations/1/reply"),
            ("POST", "/auth/uninstall"),
            ("POST", "/contacts/search?x=1"),
            ("PUT", "/contacts/1"),
            ("DELETE", "/contacts/1"),
            ("PATCH", "/me"),
            ("get", "/me"),
            ("", "/me"),
        ] {
            assert_eq!(admit(method, path), Err(Refusal::Writes), "{method} {path}");
        }
    }

    #[test]
    fn tricks_with_the_path_are_refused() {
        for path in [
            "",
            "/",
            "me",
            "//evil.example/x",
            "/a//b",
            "/a/",
            "/../me",
            "/a/%2e%2E/b",
            "/a/.",
            "https://evil.example/",
            "/@evil.example",
            "@evil.example/",
            "/me\r\nHost: evil",
            "/me HTTP/1.1",
            "/me#x",
            "/me\\x",
            "/me?a=b@c",
            "/é",
        ] {
            assert_eq!(admit("GET", path), Err(Refusal::Malformed), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_admitted_stays_where_it_points(path in "[/a-z0-9.%?=@:\\\\#-]{0,40}") {
            if admit("GET", &path).is_ok() {
                let url = Url::parse(&format!("https://api.intercom.io{path}")).unwrap();
                prop_assert_eq!(url.host_str(), Some("api.intercom.io"));
                let sent = url.as_str().strip_prefix("https://api.intercom.io").unwrap();
                prop_assert_eq!(sent, path);
            }
        }

        #[test]
        fn nothing_but_a_known_search_is_posted(path: String) {
            prop_assert_eq!(admit("POST", &path).is_ok(), READING_POSTS.contains(&&*path));
        }
    }
}
