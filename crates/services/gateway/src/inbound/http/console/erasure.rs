use axum::extract::Path;
use axum::response::Response;
use harken_domain::ConnectionId;

use super::connection::Subject;
use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::Refused;
use crate::views::erasure::ErasurePage;

/// What every part of Harken erased of a connection.
pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    let connection: ConnectionId = id(&connection)?;
    let asking = visit.asking();
    let (subject, erasure) = tokio::join!(
        Subject::read(&visit, connection),
        asking.erasure(connection)
    );
    let (subject, erasure) = (subject?, erasure?);
    let standing = subject.around.standing_of(&subject.connection);
    page(&ErasurePage::new(
        subject.frame(&visit),
        &subject.connection,
        standing,
        &erasure,
        visit.now(),
    ))
}
