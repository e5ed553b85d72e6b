use axum::extract::Query;
use axum::response::Response;
use harken_contracts::wire::vault::v1::CompleteOAuthRequest;
use harken_domain::Role;
use serde::Deserialize;

use super::done;
use super::visit::Visit;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::frame::Notice;

/// Longest value that is handed on; what Intercom sends is far shorter.
const LONGEST: usize = 4_096;

/// What Intercom sends the browser back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Returned {
    /// Handed on unchanged: it may end in `=`.
    code: String,
    state: String,
    error: String,
}

/// Ends an attempt to connect. Whoever is not signed in, or signed in otherwise than at the beginning, connects nothing.
pub(crate) async fn receive(visit: Visit, Query(returned): Query<Returned>) -> Refused<Response> {
    visit.require(Role::Admin)?;
    for (field, value) in [
        ("code", &returned.code),
        ("state", &returned.state),
        ("error", &returned.error),
    ] {
        if value.len() > LONGEST {
            return Err(Refusal::field(
                field,
                "is longer than anything that Intercom sends",
            ));
        }
    }
    let request = CompleteOAuthRequest {
        state: returned.state,
        code: returned.code,
        error: returned.error,
        browser_binding: visit
            .gateway
            .form_tokens
            .browser_binding(visit.viewer.session.expose()),
    };
    let completed = visit.asking().complete_oauth(request).await;
    completed.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    Ok(done("/integrations", Notice::Connected))
}
