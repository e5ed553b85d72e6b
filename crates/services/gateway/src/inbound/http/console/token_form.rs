use axum::response::Response;
use harken_contracts::wire::types::v1 as types;
use harken_domain::{Role, Secret};
use serde::Deserialize;

use super::form::Posted;
use super::visit::Visit;
use super::{done, page, token_problem};
use crate::inbound::http::choice;
use crate::inbound::http::refusal::Refused;
use crate::outbound::Terms;
use crate::views::connect_form::ConnectForm;
use crate::views::frame::{Notice, Section};
use crate::views::test_report::Report;
use crate::views::token_form::{Problem, TokenFormPage};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    access_token: String,
    action: Action,
    #[serde(default)]
    data_policy: String,
    #[serde(default)]
    on_disconnect: String,
}

/// Which button was pressed.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Save,
    Test,
}

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    visit.require(Role::Admin)?;
    form(&visit, Terms::default(), None, None).await
}

/// Tests a token, or connects with it.
pub(crate) async fn submit(posted: Posted<Form>) -> Refused<Response> {
    let Posted { visit, form: sent } = posted;
    visit.require(Role::Admin)?;
    let terms = choice::terms(&sent.data_policy, &sent.on_disconnect)?;
    let token = Secret::new(sent.access_token.trim());
    let asking = visit.asking();
    let failed = match sent.action {
        Action::Test => match asking.test_token(&token).await {
            Ok(report) => return form(&visit, terms, Some(Report::new(report)), None).await,
            Err(failed) => failed,
        },
        Action::Save => match asking.connect_with_token(&token, terms).await {
            Ok(_) => return Ok(done("/integrations", Notice::Connected)),
            Err(failed) => failed,
        },
    };
    let (report, problem) = token_problem::explain(&asking, &token, &failed).await?;
    form(&visit, terms, report, Some(problem)).await
}

async fn form(
    visit: &Visit,
    terms: Terms,
    report: Option<Report>,
    problem: Option<Problem>,
) -> Refused<Response> {
    let around = visit.surroundings().await?;
    page(&TokenFormPage {
        frame: visit.frame(Section::Integrations, &around),
        connect: ConnectForm::choosing(
            types::DataPolicy::from(terms.data_policy),
            types::OnDisconnect::from(terms.on_disconnect),
        ),
        report,
        problem,
    })
}
