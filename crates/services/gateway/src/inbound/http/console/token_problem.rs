//! What is said beside a form where its access token could not be used.

use harken_domain::Secret;
use harken_runtime::status;
use tonic::Status;

use crate::inbound::http::refusal::{Refusal, Refused};
use crate::outbound::Asking;
use crate::rules::{connect_failure, token_shape};
use crate::views::test_report::Report;
use crate::views::token_form::Problem;

/// Explains the failure; what is nobody's fault here is a page of its own.
pub(super) async fn explain(
    asking: &Asking,
    token: &Secret,
    failed: &Status,
) -> Refused<(Option<Report>, Problem)> {
    let reason = status::reason_of(failed).unwrap_or_default();
    // A token that lacks a permission is tested at once, so that the page says which.
    let report = if reason == "PERMISSION_MISSING" {
        asking.test_token(token).await.ok().map(Report::new)
    } else {
        None
    };
    let refusal = Refusal::because_of_connecting(failed);
    let is_explained = connect_failure::explain(&refusal.reason).is_some();
    if refusal.status.is_server_error() && !is_explained {
        return Err(refusal);
    }
    let oddity = token_shape::oddity(token.expose()).filter(|_| reason == "TOKEN_REFUSED");
    let said = [Some(refusal.why.as_str()), oddity, Some(refusal.remedy)];
    let said: Vec<_> = said.into_iter().flatten().collect();
    let problem = Problem {
        what: format!("{}.", refusal.what.trim_end_matches('.')),
        remedy: said.join(" "),
    };
    Ok((report, problem))
}
