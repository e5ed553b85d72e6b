use harken_contracts::convert::timestamp;
use harken_contracts::wire::events::v1::ConnectionOpened;
use harken_contracts::wire::types::v1 as types;
use harken_store::outbox::{self, OutboxError};
use sqlx::PgConnection;

use crate::rules::connection::Connection;

/// Tells every service, once the transaction is committed.
pub(crate) async fn post(
    transaction: &mut PgConnection,
    connection: &Connection,
) -> Result<(), OutboxError> {
    let event = ConnectionOpened {
        connection_id: connection.id.to_string(),
        organization_id: connection.organization.to_string(),
        workspace_id: connection.workspace.id.clone(),
        workspace_name: connection.workspace.name.clone(),
        timezone: connection.workspace.timezone.clone(),
        data_policy: types::DataPolicy::from(connection.policy.data).into(),
        revision: connection.revision.0,
        opened_at: Some(timestamp(connection.connected_at)),
        is_synthetic: connection.is_synthetic(),
    };
    outbox::post(transaction, &[event]).await
}
