//! Intercom's error envelope, `error.list`.

use serde::Deserialize;

/// What Intercom says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorList {
    /// Intercom's id of the request; not always a UUID.
    pub request_id: Option<String>,
    /// At least one error, usually exactly one.
    pub errors: Vec<ApiError>,
}

/// One error of an [`ErrorList`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// A word of an open set, such as `token_unauthorized`.
    pub code: String,
    /// Words for people; may quote the request, so it is not logged.
    pub message: String,
}

#[derive(Deserialize)]
struct WireList {
    r#type: Option<String>,
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<WireError>,
}

#[derive(Deserialize)]
struct WireError {
    code: Option<String>,
    /// Old errors say `type` instead of `code`.
    r#type: Option<String>,
    message: Option<String>,
}

impl ErrorList {
    /// Reads a body; none if it is something else.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let list: WireList = serde_json::from_slice(body).ok()?;
        if list.r#type.as_deref() != Some("error.list") {
            return None;
        }
        let errors = list.errors.into_iter().map(|error| ApiError {
            code: error.code.or(error.r#type).unwrap_or_default(),
            message: error.message.unwrap_or_default(),
        });
        Some(Self {
            request_id: list.request_id,
            errors: errors.collect(),
        })
    }

    /// The word of the first error; empty if there is none.
    pub fn code(&self) -> &str {
        self.errors.first().map_or("", |error| &error.code)
    }

    /// The words of the first error; empty if there are none.
    pub fn message(&self) -> &str {
        self.errors.first().map_or("", |error| &error.message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_read_from_new_and_old_errors() {
        for (body, code) in [
            (
                r#"{"type":"error.list","request_id":"r1","errors":[{"code":"unauthorized","message":"Access Token Invalid"}]}"#,
                "unauthorized",
            ),
            (
                r#"{"type":"error.list","errors":[{"type":"not_found"}]}"#,
                "not_found",
            ),
            (r#"{"type":"error.list","request_id":null,"errors":[]}"#, ""),
        ] {
            assert_eq!(ErrorList::parse(body.as_bytes()).unwrap().code(), code);
        }
    }

    #[test]
    fn other_bodies_are_no_error_list() {
        for body in ["", "{}", "[]", r#"{"type":"admin"}"#, "<html>"] {
            assert_eq!(ErrorList::parse(body.as_bytes()), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_panic(body: Vec<u8>) {
            let _ = ErrorList::parse(&body);
        }
    }
}
