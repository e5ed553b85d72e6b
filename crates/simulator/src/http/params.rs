//! Query parameters and bodies, read as leniently as Intercom reads them.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde_json::Value as Json;

use super::answer::ApiError;
use crate::app::Shared;

/// The query string.
#[derive(Debug, Default)]
pub(super) struct Params(HashMap<String, String>);

impl Params {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| ApiError::invalid(format!("{name} must be a positive number")))
        };
        self.text(name).map(read).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }
}

impl FromRequestParts<Shared> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Self(params)),
            Err(_) => Err(ApiError::invalid("the query string cannot be read")),
        }
    }
}

/// Reads a JSON body; none at all counts as an empty object.
pub(super) fn body(bytes: &[u8]) -> Result<Json, ApiError> {
    if bytes.is_empty() {
        return Ok(Json::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(bytes).map_err(|_| ApiError::invalid("the body is not valid JSON"))
}
