use harken_bus::Outgoing;
use harken_contracts::wire::events::v1::WebhookReceived;
use harken_runtime::Shutdown;
use prost::Message as _;
use tokio::time::Instant;

use super::Edge;
use crate::outbound::postgres::quarantine::{self, Quarantined};
use crate::outbound::postgres::spool::{self, Spooled};
use crate::rules::outcome::Place;
use crate::rules::route::Route;

impl Edge {
    /// Keeps a notification where it can be kept by then; none if nowhere.
    pub(super) async fn keep(
        &self,
        message_id: String,
        event: WebhookReceived,
        route: &Route,
        by: Instant,
    ) -> Option<Place> {
        let bus_first = self.pace.is_bus_first(self.now_millis());
        if bus_first && self.publish(&message_id, &event, by).await {
            return Some(Place::Stream);
        }
        let row = Spooled {
            message_id: message_id.clone(),
            connection: route.connection,
            message: event.encode_to_vec(),
            since: self.clock.now(),
        };
        if self.spool.write(row, by).await {
            return Some(Place::Spool);
        }
        // The spool is away too. If the bus was not asked yet, it may be back.
        let published = !bus_first && self.publish(&message_id, &event, by).await;
        published.then_some(Place::Stream)
    }

    async fn publish(&self, message_id: &str, event: &WebhookReceived, by: Instant) -> bool {
        let Ok(message) = Outgoing::of(message_id, event) else {
            return false;
        };
        let by = by.min(Instant::now() + self.patience.publish);
        match self.bus.publish_by(message, by).await {
            Ok(_) => {
                if self.pace.stored() {
                    tracing::info!("the bus is back; notifications go to it again");
                }
                true
            }
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "not published");
                if self.pace.missed(self.now_millis()) {
                    tracing::warn!("the bus is slow or away; notifications go to the spool first");
                }
                false
            }
        }
    }

    /// Keeps what is nobody's yet; whether it was kept by then.
    pub(super) async fn quarantine(&self, row: Quarantined, by: Instant) -> bool {
        self.quarantine.write(row, by).await
    }

    pub(super) async fn keep_spooling(&self, shutdown: &Shutdown) {
        let write = |rows| {
            let pool = self.store.pool().clone();
            async move { spool::keep(&mut *pool.acquire().await?, rows).await }
        };
        self.spool.run(write, shutdown).await;
    }

    pub(super) async fn keep_quarantining(&self, shutdown: &Shutdown) {
        let write = |rows| {
            let pool = self.store.pool().clone();
            async move { quarantine::keep(&mut *pool.acquire().await?, rows).await }
        };
        self.quarantine.run(write, shutdown).await;
    }
}
