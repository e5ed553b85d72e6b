use axum::response::{IntoResponse as _, Redirect, Response};
use http::header;

use super::form::{Button, Posted};
use crate::inbound::http::cookies::Jar;
use crate::inbound::http::refusal::Refused;

/// Ends the session, here and in the vault.
pub(crate) async fn sign_out(posted: Posted<Button>) -> Refused<Response> {
    let visit = posted.visit;
    visit
        .gateway
        .rooms
        .end_session(visit.viewer.session.expose().to_owned())
        .await?;
    let cookie = Jar::new(visit.gateway.is_secure()).end_session();
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to("/sign-in?signed_out=1"),
    )
        .into_response())
}
