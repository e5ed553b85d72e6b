//! The id by which a caller and our logs speak about the same request.

use std::sync::Arc;

use http::HeaderMap;

/// Metadata that carries it, in requests and answers.
pub(super) const HEADER: &str = "x-request-id";
/// Most characters of an id that a caller chose.
const LONGEST: usize = 64;

tokio::task_local! {
    pub(super) static CURRENT: Arc<str>;
}

/// The id of the request that this task answers, if it answers one.
pub fn current() -> Option<Arc<str>> {
    CURRENT.try_with(Clone::clone).ok()
}

/// The id that the caller chose, if it is harmless, else a new one.
pub(super) fn of(headers: &HeaderMap) -> Arc<str> {
    let chosen = headers.get(HEADER).and_then(|value| value.to_str().ok());
    match chosen.filter(|id| is_harmless(id)) {
        Some(id) => id.into(),
        None => hex::encode(rand::random::<[u8; 8]>()).into(),
    }
}

fn is_harmless(id: &str) -> bool {
    (8..=LONGEST).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_caller_is_kept_only_if_harmless() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, "order-4711-a".parse().unwrap());
        assert_eq!(&*of(&headers), "order-4711-a");
        for harmful in ["short", "with space and more", &"x".repeat(65)] {
            headers.insert(HEADER, harmful.parse().unwrap());
            assert_eq!(of(&headers).len(), 16);
        }
    }
}
