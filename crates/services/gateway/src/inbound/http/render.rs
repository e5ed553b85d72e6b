//! The form of a refusal: a page for people, a problem document (RFC 9457) for programs.

use std::collections::BTreeMap;

use askama::Template as _;
use axum::extract::Request;
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::openapi::{self, RefOr};
use utoipa::{IntoResponses, ToSchema};

use super::refusal::Refusal;
use super::request::RequestId;
use crate::views::error::ErrorPage;

/// The media type of a problem document.
const PROBLEM: &str = "application/problem+json";

/// Who is to read a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Problem,
}

/// What went wrong, as `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`; `reason` tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What happened, in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Why.
    detail: String,
    /// A word that a program can tell apart, such as `INVALID_ARGUMENT`.
    reason: String,
    /// The field of the request that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What to do.
    remedy: &'static str,
    /// What to quote to whoever runs Harken.
    request_id: String,
}

/// However a call is refused, this is how it is told.
impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let schema = openapi::Ref::from_schema_name("Problem");
        let content = openapi::ContentBuilder::new().schema(Some(schema)).build();
        let response = openapi::ResponseBuilder::new()
            .description("Why the call is not served")
            .content(PROBLEM, content);
        BTreeMap::from([("default".to_owned(), response.build().into())])
    }
}

impl Form {
    pub(crate) fn of(request: &Request) -> Self {
        if request.uri().path().starts_with("/api/") {
            Self::Problem
        } else {
            Self::Page
        }
    }
}

/// A response in its form. Errors of the framework itself get the same form as ours.
pub(crate) fn formed(mut response: Response, form: Form, id: &RequestId) -> Response {
    let refusal = match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => refusal,
        None => match of_the_framework(&response) {
            Some(refusal) => refusal,
            None => return response,
        },
    };
    let mut formed = match form {
        Form::Page => page(refusal, id),
        Form::Problem => problem(refusal, id),
    };
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            formed.headers_mut().append(name.clone(), value.clone());
        }
    }
    formed
}

fn page(refusal: Refusal, id: &RequestId) -> Response {
    let grounds = refusal.into_grounds();
    let status = grounds.status;
    let page = ErrorPage {
        what: grounds.what,
        why: grounds.why,
        remedy: grounds.remedy,
        way_on: grounds.way_on,
        request_id: id.0.clone(),
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

fn problem(refusal: Refusal, id: &RequestId) -> Response {
    let grounds = refusal.into_grounds();
    let status = grounds.status;
    let problem = Problem {
        kind: "about:blank",
        title: grounds.what,
        status: status.as_u16(),
        detail: grounds.why,
        reason: grounds.reason.into_owned(),
        field: grounds.field,
        remedy: grounds.remedy,
        request_id: id.0.clone(),
    };
    let mut response = (status, axum::Json(problem)).into_response();
    let kind = HeaderValue::from_static(PROBLEM);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn of_the_framework(response: &Response) -> Option<Refusal> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Refusal::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Refusal::new(
            status,
            "METHOD_NOT_ALLOWED",
            "This address does not take that method",
            "The header `allow` lists what it takes.",
            "Use one of these methods.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(
            status,
            "TOO_LARGE",
            "That is too much at once",
            "The request is larger than this address takes.",
            "Send less.",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Refusal::new(
            status,
            "MEDIA_TYPE",
            "The request cannot be understood",
            "Its content type is not the one that this address takes.",
            "Programs send application/json.",
        ),
        _ => Refusal::new(
            status,
            "REFUSED",
            "The request cannot be served",
            format!("It was refused: {status}."),
            "Check the address and what was sent.",
        ),
    })
}
