use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use harken_contracts::convert::datetime;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;
use tonic::Code;

use super::page;
use crate::app::Gateway;
use crate::inbound::http::cookies::Jar;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::server::Peer;
use crate::rules::return_path;
use crate::views::sign_in::{SignInConfirmPage, SignInPage};

#[derive(Deserialize)]
pub(crate) struct Asked {
    signed_out: Option<String>,
}

/// Says how to get in.
pub(crate) async fn show(Query(asked): Query<Asked>, headers: HeaderMap) -> Refused<Response> {
    let reason = match asked.signed_out {
        Some(_) => Some("You are signed out."),
        None => Jar::return_to(&headers).map(|_| "Sign in to see that page."),
    };
    page(&SignInPage { reason })
}

/// A sign-in link, followed.
///
/// A link works once, and mail scanners and previews open links, too. So it is redeemed at once only where the browser
/// vouches that a person opened it; anything else gets a page with a button.
pub(crate) async fn follow(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Refused<Response> {
    if method == Method::GET && is_opened_by_a_person(&headers) {
        return sign_in(&gateway, peer, token, &headers).await;
    }
    if !is_plausible(&token) {
        return Err(spent());
    }
    page(&SignInConfirmPage { token })
}

/// The button of that page.
pub(crate) async fn redeem(
    State(gateway): State<Gateway>,
    Extension(peer): Extension<Peer>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Refused<Response> {
    sign_in(&gateway, peer, token, &headers).await
}

async fn sign_in(
    gateway: &Gateway,
    peer: Peer,
    token: String,
    headers: &HeaderMap,
) -> Refused<Response> {
    let (now, address) = (gateway.clock.now(), peer.0.ip());
    if !gateway.sign_in_guard.admits(address, now) {
        return Err(too_many());
    }
    let vain = || {
        gateway.sign_in_guard.count(address, now);
        spent()
    };
    if !is_plausible(&token) {
        return Err(vain());
    }
    let redeemed = gateway.rooms.redeem_sign_in_link(token).await;
    let session = redeemed.map_err(|refused| match refused.code() {
        Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument => vain(),
        _ => Refusal::from(refused),
    })?;
    let jar = Jar::new(gateway.is_secure());
    let expires_at = session.expires_at.as_ref().and_then(|at| datetime(at).ok());
    let return_to = Jar::return_to(headers).unwrap_or_default();
    let mut response = Redirect::to(return_path::within_console(&return_to)).into_response();
    let cookie = jar.keep_session(&session.session_token, expires_at, now);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
        .headers_mut()
        .append(header::SET_COOKIE, jar.end_return_to());
    Ok(response)
}

/// Browsers say so by headers that pages and scanners cannot set; they withhold them where there is no TLS, except on the
/// machine itself.
fn is_opened_by_a_person(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
        && !headers.contains_key("sec-purpose")
        && !headers.contains_key("purpose")
}

fn is_plausible(token: &str) -> bool {
    (16..=256).contains(&token.len())
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn spent() -> Refusal {
    Refusal::new(
            StatusCode::GONE,
            "SIGN_IN_LINK_SPENT",
            "This sign-in link does not work any more",
            "A link works once and for a short time. This one was used, has lapsed, or is not complete.",
            "Get a fresh link and open it in this browser.",
        )
    .leading_to("How to sign in", "/sign-in")
}

fn too_many() -> Refusal {
    Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        "TOO_MANY_SIGN_INS",
        "Too many sign-in links were tried from here",
        "Each address may try a few links a minute, so that nobody can guess one.",
        "Wait a minute, then open your link again.",
    )
    .leading_to("How to sign in", "/sign-in")
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_a_browser_that_a_person_steers_uses_a_link_up_by_opening_it() {
        const NAVIGATION: [(&str, &str); 2] = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        assert!(is_opened_by_a_person(&headers(&NAVIGATION)));
        let scanners: [&[(&str, &str)]; 5] = [
            &[],
            &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            &[
                NAVIGATION[0],
                NAVIGATION[1],
                ("sec-purpose", "prefetch;prerender"),
            ],
            &[NAVIGATION[0], NAVIGATION[1], ("purpose", "prefetch")],
        ];
        for scanner in scanners {
            assert!(!is_opened_by_a_person(&headers(scanner)), "{scanner:?}");
        }
    }
}
