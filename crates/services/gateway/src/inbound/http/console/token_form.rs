use axum::response::Response;
use harken_domain::{Role, Secret};
use harken_runtime::status;
use serde::Deserialize;

use super::form::Posted;
use super::visit::Visit;
use super::{done, page};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::rules::connect_failure;
use crate::views::frame::{Notice, Section};
use crate::views::test_report::Report;
use crate::views::token_form::{Problem, TokenFormPage};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    access_token: String,
    action: Action,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Save,
    Test,
}

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    visit.require(Role::Admin)?;
    form(&visit, None, None).await
}

/// Tests a token, or connects with it.
pub(crate) async fn submit(posted: Posted<Form>) -> Refused<Response> {
    let visit = posted.visit;
    visit.require(Role::Admin)?;
    let token = Secret::new(posted.form.access_token.trim());
    let asking = visit.asking();
    let failed = match posted.form.action {
        Action::Test => match asking.test_token(&token).await {
            Ok(report) => return form(&visit, Some(Report::new(report)), None).await,
            Err(failed) => failed,
        },
        Action::Save => match asking.connect_with_token(&token).await {
            Ok(_) => return Ok(done("/integrations", Notice::Connected)),
            Err(failed) => failed,
        },
    };
    // A token that lacks a permission is tested at once, so that the page says which.
    let is_lacking = status::reason_of(&failed).as_deref() == Some("PERMISSION_MISSING");
    let report = if is_lacking {
        asking.test_token(&token).await.ok()
    } else {
        None
    };
    let refusal = Refusal::because_of_connecting(&failed);
    let is_explained = connect_failure::explain(&refusal.reason).is_some();
    if refusal.status.is_server_error() && !is_explained {
        return Err(refusal);
    }
    let problem = Problem {
        what: format!("{}.", refusal.what.trim_end_matches('.')),
        remedy: format!("{} {}", refusal.why, refusal.remedy),
    };
    form(&visit, report.map(Report::new), Some(problem)).await
}

async fn form(
    visit: &Visit,
    report: Option<Report>,
    problem: Option<Problem>,
) -> Refused<Response> {
    let around = visit.surroundings().await?;
    let frame = visit.frame(Section::Integrations, &around);
    page(&TokenFormPage {
        frame,
        report,
        problem,
    })
}
