use chrono::{DateTime, Utc};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::events::v1::ConnectionClosed;
use harken_contracts::wire::types::v1 as types;
use harken_domain::OnDisconnect;
use harken_store::outbox::{self, OutboxError};
use sqlx::PgConnection;

use crate::rules::connection::Connection;

/// Tells every service, once the transaction is committed.
pub(crate) async fn post(
    transaction: &mut PgConnection,
    connection: &Connection,
    then: OnDisconnect,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), OutboxError> {
    let event = ConnectionClosed {
        connection_id: connection.id.to_string(),
        organization_id: connection.organization.to_string(),
        on_disconnect: types::OnDisconnect::from(then).into(),
        reason: reason.to_owned(),
        revision: connection.revision.0,
        closed_at: Some(timestamp(at)),
        is_synthetic: connection.is_synthetic(),
    };
    outbox::post(transaction, &[event]).await
}
