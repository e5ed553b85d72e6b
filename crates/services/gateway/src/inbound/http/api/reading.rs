//! What callers send, read strictly: what is not understood is refused by name.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::response::{IntoResponse as _, Response};
use harken_contracts::wire::types::v1::PageRequest;
use http::request::Parts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::app::Gateway;
use crate::inbound::http::refusal::{Refusal, Refused};

/// Query parameters.
pub(crate) struct Asked<T>(pub(crate) T);

/// A JSON body.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Gateway> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Gateway) -> Refused<Self> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(refused) => Err(unreadable(&refused.body_text(), "query")),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Gateway> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Response> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let is_json = kind
            .is_some_and(|kind| kind.split(';').next().map(str::trim) == Some("application/json"));
        if !is_json {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body = Bytes::from_request(request, gateway)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let read = serde_path_to_error::deserialize(&mut json).map_err(|cause| {
            let path = cause.path().to_string();
            // Where nothing can be read there is no path.
            let field = if path == "." || path == "?" {
                "body".to_owned()
            } else {
                path
            };
            Refusal::field(field, told(&cause.inner().to_string()))
        });
        let read = read.map_err(Refusal::into_response)?;
        json.end()
            .map_err(|cause| Refusal::field("body", told(&cause.to_string())).into_response())?;
        Ok(Self(read))
    }
}

/// An id in a path.
pub(crate) fn id<T: FromStr<Err: std::fmt::Display>>(field: &str, text: &str) -> Refused<T> {
    text.parse()
        .map_err(|cause: T::Err| Refusal::field(field, cause.to_string()))
}

/// An id in an optional parameter.
pub(crate) fn optional_id<T: FromStr<Err: std::fmt::Display>>(
    field: &str,
    text: Option<&str>,
) -> Refused<Option<T>> {
    text.map(|text| id(field, text)).transpose()
}

/// A slice of a list.
pub(crate) fn slice(page_size: Option<u32>, page_token: Option<String>) -> Refused<PageRequest> {
    if page_size == Some(0) {
        return Err(Refusal::field("page_size", "must be 1 to 500"));
    }
    Ok(PageRequest {
        page_size: page_size.unwrap_or_default(),
        page_token: page_token.unwrap_or_default(),
    })
}

/// Finds the field in what the framework says: `…: page: invalid digit`, or that a field is not known.
fn unreadable(text: &str, otherwise: &str) -> Refusal {
    let said = text.split_once(": ").map_or(text, |(_, said)| said);
    if let Some(field) = said
        .split("unknown field `")
        .nth(1)
        .and_then(|rest| rest.split('`').next())
    {
        return Refusal::field(field, format!("is not known here{}", expected(said)));
    }
    match said.split_once(": ") {
        Some((field, problem)) if !field.contains(' ') => Refusal::field(field, problem),
        _ => Refusal::field(otherwise, said),
    }
}

fn expected(said: &str) -> String {
    said.split_once("expected ")
        .map_or_else(String::new, |(_, known)| {
            format!("; known: {}", known.replace('`', ""))
        })
}

/// What a JSON reader says, without where: the path says that.
fn told(said: &str) -> String {
    said.split(" at line ").next().unwrap_or(said).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_not_understood_is_named() {
        for (text, field, problem) in [
            (
                "Failed to deserialize query string: page_size: invalid digit found in string",
                "page_size",
                "invalid digit",
            ),
            (
                "Failed to deserialize query string: unknown field `size`, expected `page_size` or `page_token`",
                "size",
                "known: page_size or page_token",
            ),
            (
                "Failed to deserialize query string: size: unknown field `size`, expected `page_size`",
                "size",
                "known: page_size",
            ),
        ] {
            let refusal = unreadable(text, "query");
            assert_eq!(refusal.field.as_deref(), Some(field), "{text}");
            assert!(refusal.why.contains(problem), "{}", refusal.why);
        }
    }
}
