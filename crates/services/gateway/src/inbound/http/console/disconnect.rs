use axum::extract::Path;
use axum::response::Response;
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_domain::{ConnectionId, Role};
use serde::Deserialize;

use super::form::Posted;
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::rules::numbers;
use crate::views::disconnect::DisconnectPage;
use crate::views::frame::{Notice, Section};

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
    let connection: ConnectionId = id(&connection)?;
    let asking = visit.asking();
    let (around, found) = tokio::join!(visit.surroundings(), asking.connection(connection));
    let (around, found) = (around?, found?);
    let customers = around.status_of(&found).map(|status| status.customers);
    page(&DisconnectPage {
        frame: visit.frame(Section::Integrations, &around),
        id: found.connection_id.clone(),
        erases: found.on_disconnect() == OnDisconnect::Purge,
        customers: customers.map_or_else(
            || "Customers".to_owned(),
            |customers| numbers::counted(customers, "customer", "customers"),
        ),
        workspace_name: found.workspace_name,
    })
}

pub(crate) async fn disconnect(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    let visit = posted.visit;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let asking = visit.asking();
    let found = asking.connection(connection).await?;
    let is_confirmed = found.on_disconnect() != OnDisconnect::Purge
        || posted.form.workspace_name.trim() == found.workspace_name.trim();
    if !is_confirmed {
        let problem = "is not the name of the workspace; type it as it stands above the field";
        return Err(Refusal::field("workspace_name", problem));
    }
    asking.disconnect(connection).await?;
    Ok(done("/integrations", Notice::Disconnected))
}
