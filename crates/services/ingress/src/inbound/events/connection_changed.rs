use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use harken_bus::{Bus, Delivery, Disposition, Handler, WatchFrom};
use harken_contracts::events::Event as _;
use harken_contracts::subjects;
use harken_contracts::wire::events::v1::ConnectionClosed;
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_domain::Revision;
use harken_runtime::Shutdown;
use harken_store::erasure::Asked;

use crate::app::Edge;

const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(1);

/// Takes the ends of connections of which nothing is to stay.
pub(crate) struct ConnectionClosedHandler(pub(crate) Arc<Edge>);

impl Handler for ConnectionClosedHandler {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut dispositions = Vec::with_capacity(batch.len());
        for delivery in batch {
            dispositions.push(self.forget(delivery).await);
        }
        dispositions
    }
}

impl ConnectionClosedHandler {
    async fn forget(&self, delivery: &Delivery) -> Disposition {
        if delivery.event_type != ConnectionClosed::TYPE {
            return Disposition::Done;
        }
        let closed: ConnectionClosed = match delivery.decode() {
            Ok(closed) => closed,
            Err(cause) => return cause.into(),
        };
        if !closed.is_synthetic && closed.on_disconnect() != OnDisconnect::Purge {
            return Disposition::Done;
        }
        let asked = Asked {
            connection: delivery.connection,
            organization: delivery.organization,
            revision: Revision(closed.revision),
        };
        match self.0.forget(asked).await {
            Ok(()) => Disposition::Done,
            Err(cause) => Disposition::again(cause),
        }
    }
}

/// Lets go of what this process remembers of connections that close, until `shutdown`. The edge takes notifications in
/// whether the bus is there or not.
pub(crate) async fn follow(edge: &Edge, bus: &Bus, shutdown: &Shutdown) {
    let follow = async {
        loop {
            let all = vec![subjects::all_connections()];
            if let Ok(changes) = bus.watch(all, WatchFrom::New).await {
                let mut changes = std::pin::pin!(changes);
                while let Some(change) = changes.next().await {
                    if change.event_type == ConnectionClosed::TYPE {
                        edge.doubt(change.connection);
                    }
                }
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
    };
    tokio::select! {
        () = follow => {}
        () = shutdown.requested() => {}
    }
}
