use console::Style;
use futures::future::join_all;
use harken_contracts::wire::ingress::v1::GetDeliveriesRequest;
use harken_contracts::wire::sync::v1::{GetStatusRequest, Status};
use harken_contracts::wire::vault::v1::{Connection, ConnectionState, ListConnectionsRequest};
use harken_gateway::{ConnectionStatus, Trouble};
use serde_json::{Value, json as value};
use tonic::Code;

use super::shown;
use crate::failure::Failure;
use crate::operate::{Desk, Harken};
use crate::output::{Cell, Table, json, moment};

/// A connection and what it is doing.
type Standing = (Connection, ConnectionStatus);

pub(super) async fn show(desk: &Desk) -> Result<(), Failure> {
    let answer = desk
        .harken
        .vault()
        .list_connections(ListConnectionsRequest {})
        .await;
    let connections = desk.harken.answered(answer)?.connections;
    let asked = connections
        .into_iter()
        .map(|one| standing(&desk.harken, one));
    let all: Vec<Standing> = join_all(asked).await;
    if desk.output.is_json() {
        return all
            .iter()
            .try_for_each(|one| desk.output.object(&object(one)));
    }
    if all.is_empty() {
        return desk
            .output
            .line("No workspace is connected. Connect one with `harken connection add`.");
    }
    desk.output.table(&table(&all))?;
    for (connection, status) in &all {
        for trouble in status.troubles() {
            desk.output.note(&format!(
                "{}: {} {}",
                connection.workspace_id,
                trouble.words(),
                trouble.remedy()
            ));
        }
    }
    Ok(())
}

/// What a connection is doing, as the console tells it. What does not answer is left out.
pub(super) async fn status_of(harken: &Harken, connection: &Connection) -> ConnectionStatus {
    if connection.state() != ConnectionState::Connected {
        return ConnectionStatus::of(connection, None, None);
    }
    let connection_id = connection.connection_id.clone();
    let request = GetStatusRequest {
        connection_id: connection_id.clone(),
        without_totals: true,
    };
    let heard = GetDeliveriesRequest {
        connection_id: connection_id.clone(),
    };
    let (mut sync, mut edge) = (harken.sync(), harken.edge());
    let (status, deliveries) = tokio::join!(sync.get_status(request), edge.get_deliveries(heard));
    let status = match status {
        Ok(status) => Some(status.into_inner()),
        // News of a connection that was just made may still be on the way.
        Err(refused) if refused.code() == Code::NotFound => Some(Status {
            connection_id,
            ..Status::default()
        }),
        Err(_) => None,
    };
    let deliveries = deliveries.ok().map(tonic::Response::into_inner);
    ConnectionStatus::of(connection, status.as_ref(), deliveries.as_ref())
}

async fn standing(harken: &Harken, connection: Connection) -> Standing {
    let status = status_of(harken, &connection).await;
    (connection, status)
}

fn object((connection, status): &Standing) -> Value {
    let mut object = json(connection);
    object["status"] = value!(status.slug());
    let troubles = status.troubles().iter().map(|trouble| {
        value!({"reason": trouble.slug(), "what": trouble.words(), "remedy": Trouble::remedy(trouble)})
    });
    object["troubles"] = troubles.collect();
    object
}

fn table(all: &[Standing]) -> Table {
    let mut table = Table::new([
        "CONNECTION",
        "WORKSPACE",
        "NAME",
        "STATUS",
        "BY",
        "SINCE (UTC)",
    ]);
    for (connection, status) in all {
        table.row([
            Cell::text(&connection.connection_id),
            Cell::text(&connection.workspace_id),
            Cell::text(&connection.workspace_name),
            cell(status),
            Cell::text(shown::method(connection)),
            Cell::text(moment(connection.connected_at.as_ref())),
        ]);
    }
    table
}

/// Shape, word and colour.
pub(super) fn cell(status: &ConnectionStatus) -> Cell {
    let (mark, style) = match status {
        ConnectionStatus::Connected => ("●", Style::new().green()),
        ConnectionStatus::Connecting | ConnectionStatus::Syncing => ("◐", Style::new().blue()),
        ConnectionStatus::Degraded(_) => ("▲", Style::new().yellow()),
        ConnectionStatus::Paused => ("‖", Style::new().dim()),
        ConnectionStatus::Disconnected => ("■", Style::new().red()),
        ConnectionStatus::Disconnecting => ("◌", Style::new().yellow()),
        ConnectionStatus::Purged => ("–", Style::new().dim()),
    };
    Cell::text(format!("{mark} {}", status.slug())).styled(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_reads_what_is_lacking_beside_the_state() {
        let degraded = ConnectionStatus::Degraded(vec![Trouble::DriftHigh]);
        let object = object(&(Connection::default(), degraded));
        assert_eq!(object["status"], "degraded");
        assert_eq!(object["troubles"][0]["reason"], "drift_high");
    }
}
