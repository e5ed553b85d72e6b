use axum::extract::Path;
use axum::response::Response;
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1::{Connection, ConnectionMethod};
use harken_domain::{ConnectionId, Role};
use serde::Deserialize;

use super::connection::Subject;
use super::form::Posted;
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::Refused;
use crate::views::disconnect::DisconnectPage;
use crate::views::frame::Notice;

/// What is said where something else was typed than the name of the workspace.
pub(super) const NAME: &str = "That is not the name of the workspace. Type it as it stands above the field; nothing was done.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// Typed where data is to be erased.
    #[serde(default)]
    workspace_name: String,
}

/// Asks first, and says what is lost.
pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    visit.require(Role::Admin)?;
    ask(&visit, id(&connection)?, None).await
}

pub(crate) async fn disconnect(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    let Posted { visit, form } = posted;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let asking = visit.asking();
    let found = asking.connection(connection).await?;
    let erases = erases(&found);
    if erases && form.workspace_name.trim() != found.workspace_name.trim() {
        return ask(&visit, connection, Some(NAME)).await;
    }
    asking.disconnect(connection).await?;
    let has_receipts = erases && found.method() != ConnectionMethod::Synthetic;
    Ok(if has_receipts {
        let path = format!("/integrations/{connection}/erasure");
        done(&path, Notice::Disconnecting)
    } else {
        done("/integrations", Notice::Disconnected)
    })
}

fn erases(connection: &Connection) -> bool {
    connection.on_disconnect() == OnDisconnect::Purge
}

async fn ask(
    visit: &Visit,
    connection: ConnectionId,
    problem: Option<&'static str>,
) -> Refused<Response> {
    let subject = Subject::read_with_totals(visit, connection).await?;
    page(&DisconnectPage {
        frame: subject.frame(visit),
        erases: erases(&subject.connection),
        customers: subject.customers(),
        id: subject.connection.connection_id,
        workspace_name: subject.connection.workspace_name,
        problem: problem.map(str::to_owned),
    })
}
