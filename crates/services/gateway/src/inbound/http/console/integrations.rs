use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use futures::future::join_all;
use harken_contracts::wire::vault::v1::{Connection, ConnectionState, Erasure};
use harken_domain::{ConnectionId, Role};

use super::form::{Button, Posted};
use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::outbound::Asking;
use crate::views::connect_form::ConnectForm;
use crate::views::frame::Section;
use crate::views::integrations::{Card, Drill, IntegrationsPage};
use crate::views::test_report::Report;

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    cards(&visit, None).await
}

/// Proves each needed permission of a connection by a call, and shows the result on its card.
pub(crate) async fn test(
    Path(connection): Path<String>,
    posted: Posted<Button>,
) -> Refused<Response> {
    let visit = posted.visit;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let report = visit.asking().test_connection(connection).await;
    let report = report.map_err(|refused| Refusal::because_of_connecting(&refused))?;
    cards(&visit, Some((connection.to_string(), Report::new(report)))).await
}

/// The address of a test that was made, loaded again.
pub(crate) async fn leave(_: Visit) -> Response {
    Redirect::to("/integrations").into_response()
}

async fn cards(visit: &Visit, tested: Option<(String, Report)>) -> Refused<Response> {
    let (around, now) = (visit.surroundings().await?, visit.now());
    let asking = visit.asking();
    let asked = around.connections.iter().map(|one| erasure(&asking, one));
    let erasures = join_all(asked).await;
    let cards = around
        .connections
        .iter()
        .zip(&erasures)
        .map(|(one, erasure)| {
            let standing = around.standing_of(one);
            Card::new(one, standing, around.status_of(one), erasure.as_ref(), now)
        });
    page(&IntegrationsPage {
        cards: cards.collect(),
        drills: around
            .drills
            .iter()
            .map(|one| Drill::new(one, now))
            .collect(),
        tested,
        connect: ConnectForm::default(),
        frame: visit.frame(Section::Integrations, &around),
    })
}

/// How far the erasure of a connection is; none where none goes on, or where the vault does not tell.
async fn erasure(asking: &Asking, connection: &Connection) -> Option<Erasure> {
    if connection.state() != ConnectionState::Disconnecting {
        return None;
    }
    asking
        .erasure(connection.connection_id.parse().ok()?)
        .await
        .ok()
}
