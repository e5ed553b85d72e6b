use harken_bus::{Delivery, Disposition, Handler, Undecodable};
use harken_contracts::{
    events::Event as _,
    wire::{
        events::v1::{ConnectionClosed, ConnectionOpened},
        types::v1::OnDisconnect,
    },
};
use harken_domain::Revision;

use crate::{app::Scoring, outbound::postgres::connections::ConnectionState};

/// Takes openings and closings of connections.
#[derive(Debug)]
pub(crate) struct ConnectionHandler(pub(crate) Scoring);

impl Handler for ConnectionHandler {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut dispositions = Vec::with_capacity(batch.len());
        for delivery in batch {
            dispositions.push(self.follow(delivery).await);
        }
        dispositions
    }
}

impl ConnectionHandler {
    async fn follow(&self, delivery: &Delivery) -> Disposition {
        let state = match read(delivery) {
            Ok(Some(state)) => state,
            // What else is told of connections does not concern scores.
            Ok(None) => return Disposition::Done,
            Err(cause) => return cause.into(),
        };
        match self.0.follow_connection(&delivery.message_id, state).await {
            Ok(()) => Disposition::Done,
            Err(cause) => Disposition::again(cause),
        }
    }
}

fn read(delivery: &Delivery) -> Result<Option<ConnectionState>, Undecodable> {
    let state = |revision, is_open, is_synthetic| ConnectionState {
        connection: delivery.connection,
        organization: delivery.organization,
        data_policy: None,
        is_open,
        is_synthetic,
        is_erased: false,
        revision: Revision(revision),
    };
    match delivery.event_type.as_str() {
        ConnectionOpened::TYPE => {
            let event: ConnectionOpened = delivery.decode()?;
            Ok(Some(ConnectionState {
                data_policy: event.data_policy().try_into().ok(),
                ..state(event.revision, true, event.is_synthetic)
            }))
        }
        ConnectionClosed::TYPE => {
            let event: ConnectionClosed = delivery.decode()?;
            Ok(Some(ConnectionState {
                is_erased: event.is_synthetic || event.on_disconnect() == OnDisconnect::Purge,
                ..state(event.revision, false, event.is_synthetic)
            }))
        }
        _ => Ok(None),
    }
}
