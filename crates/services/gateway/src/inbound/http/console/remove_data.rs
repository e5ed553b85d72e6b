use axum::extract::Path;
use axum::response::Response;
use harken_domain::{ConnectionId, Role};
use harken_runtime::status;
use serde::Deserialize;

use super::connection::Subject;
use super::form::Posted;
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::Refused;
use crate::views::frame::Notice;
use crate::views::remove_data::RemoveDataPage;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    workspace_name: String,
}

/// Asks first, and says what is lost.
pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    visit.require(Role::Admin)?;
    ask(&visit, id(&connection)?, None).await
}

pub(crate) async fn remove(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    let Posted { visit, form } = posted;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let name = form.workspace_name.trim().to_owned();
    match visit.asking().remove_data(connection, name).await {
        Ok(_) => {
            let path = format!("/integrations/{connection}/erasure");
            Ok(done(&path, Notice::Removing))
        }
        Err(refused) => match status::reason_of(&refused).as_deref() {
            Some("NAME_DIFFERS") => ask(&visit, connection, Some(super::disconnect::NAME)).await,
            Some("STILL_CONNECTED") => {
                let words = "This workspace is still connected. Disconnect it first; then its data can be removed.";
                ask(&visit, connection, Some(words)).await
            }
            _ => Err(refused.into()),
        },
    }
}

async fn ask(
    visit: &Visit,
    connection: ConnectionId,
    problem: Option<&'static str>,
) -> Refused<Response> {
    let subject = Subject::read_with_totals(visit, connection).await?;
    page(&RemoveDataPage {
        frame: subject.frame(visit),
        customers: subject.customers(),
        id: subject.connection.connection_id,
        workspace_name: subject.connection.workspace_name,
        problem: problem.map(str::to_owned),
    })
}
