use axum::extract::Path;
use axum::response::Response;
use harken_domain::ConnectionId;

use super::connection::Subject;
use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::Refused;
use crate::views::connection_head::Tab;
use crate::views::stored::StoredPage;

/// What is collected, what never is, and what lies in the tables right now.
pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    let connection: ConnectionId = id(&connection)?;
    let asking = visit.asking();
    let (subject, sample) =
        tokio::join!(Subject::read(&visit, connection), asking.sample(connection));
    let subject = subject?;
    let records = sample
        .inspect_err(|cause| tracing::debug!(error = %cause, "no sample of what is stored"))
        .ok()
        .map(|sample| sample.records);
    let (frame, head) = (subject.frame(&visit), subject.head(Tab::Stored));
    page(&StoredPage::new(frame, head, &subject.connection, records))
}
