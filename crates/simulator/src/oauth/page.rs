//! The pages a person sees.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// Asks a teammate whether an app may read a workspace.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub(super) struct Consent<'a> {
    pub(super) app_name: &'a str,
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
    pub(super) redirect_host: &'a str,
    pub(super) state: &'a str,
    pub(super) admin: &'a str,
    pub(super) workspaces: Vec<Choice>,
    pub(super) permissions: Vec<&'a str>,
}

/// A workspace the teammate may choose.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) key: &'static str,
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) initial: char,
    pub(super) contacts: u64,
    pub(super) conversations: u64,
    pub(super) chosen: bool,
}

/// Says why the request cannot be answered.
#[derive(Debug, Template)]
#[template(path = "refused.html")]
pub(super) struct Refused<'a> {
    pub(super) title: &'a str,
    pub(super) reason: &'a str,
    /// What was sent, shown to whoever has to find the mistake.
    pub(super) sent: &'a str,
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    let Ok(html) = template.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}
