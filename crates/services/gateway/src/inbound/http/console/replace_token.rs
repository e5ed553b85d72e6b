use axum::extract::Path;
use axum::response::Response;
use harken_domain::{ConnectionId, Role, Secret};
use serde::Deserialize;

use super::connection::Subject;
use super::form::Posted;
use super::token_form::Action;
use super::visit::{Visit, id};
use super::{done, page, token_problem};
use crate::inbound::http::refusal::Refused;
use crate::views::frame::Notice;
use crate::views::replace_token::ReplaceTokenPage;
use crate::views::test_report::Report;
use crate::views::token_form::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    access_token: String,
    action: Action,
}

pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    visit.require(Role::Admin)?;
    form(&visit, id(&connection)?, None, None).await
}

/// Tests a token, or puts it in the place of the one that the connection has.
pub(crate) async fn submit(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    let Posted { visit, form: sent } = posted;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let token = Secret::new(sent.access_token.trim());
    let asking = visit.asking();
    let failed = match sent.action {
        Action::Test => match asking.test_token(&token).await {
            Ok(report) => return form(&visit, connection, Some(Report::new(report)), None).await,
            Err(failed) => failed,
        },
        Action::Save => match asking.replace_token(connection, &token).await {
            Ok(_) => return Ok(done("/integrations", Notice::TokenReplaced)),
            Err(failed) => failed,
        },
    };
    let (report, problem) = token_problem::explain(&asking, &token, &failed).await?;
    form(&visit, connection, report, Some(problem)).await
}

async fn form(
    visit: &Visit,
    connection: ConnectionId,
    report: Option<Report>,
    problem: Option<Problem>,
) -> Refused<Response> {
    let subject = Subject::read(visit, connection).await?;
    page(&ReplaceTokenPage {
        frame: subject.frame(visit),
        is_alive: subject.around.standing_of(&subject.connection).is_alive(),
        id: subject.connection.connection_id,
        workspace_name: subject.connection.workspace_name,
        workspace_id: subject.connection.workspace_id,
        report,
        problem,
    })
}
