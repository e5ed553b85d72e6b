use axum::response::{IntoResponse as _, Redirect, Response};
use harken_domain::RunId;
use http::header;
use serde::Deserialize;

use super::form::Posted;
use super::visit::id;
use crate::inbound::http::cookies::Jar;
use crate::inbound::http::refusal::Refused;
use crate::rules::return_path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    run: String,
    return_to: String,
}

/// Puts the news of a run's end away, in this browser.
pub(crate) async fn dismiss(posted: Posted<Form>) -> Refused<Response> {
    let run: RunId = id(&posted.form.run)?;
    let jar = Jar::new(posted.visit.gateway.is_secure());
    let cookie = jar.keep_dismissed(&run.to_string());
    let back = Redirect::to(return_path::within_console(&posted.form.return_to));
    Ok(([(header::SET_COOKIE, cookie)], back).into_response())
}
