use harken_contracts::wire::ingress::v1::edge_client::EdgeClient;
use harken_contracts::wire::ingress::v1::{Deliveries, GetDeliveriesRequest};
use harken_domain::ConnectionId;
use harken_runtime::status;

use super::act_as::ActAs;
use super::{Answer, Asking};

impl Asking {
    /// How notifications of a connection arrive.
    pub(crate) async fn deliveries(&self, connection: ConnectionId) -> Answer<Deliveries> {
        self.edge(connection.to_string(), ActAs::soon(self.acting))
            .await
    }

    /// The same for the frame of a page, which does not wait for the edge.
    pub(crate) async fn glance_at_deliveries(&self, connection_id: String) -> Answer<Deliveries> {
        self.edge(connection_id, ActAs::at_a_glance(self.acting))
            .await
    }

    async fn edge(&self, connection_id: String, act_as: ActAs) -> Answer<Deliveries> {
        let Some(edge) = &self.rooms.edge else {
            let words =
                "this deployment takes no notifications: HARKEN_INGRESS_ENDPOINT is not set";
            return Err(status::unavailable("NO_EDGE", words));
        };
        let request = GetDeliveriesRequest { connection_id };
        let mut edge = EdgeClient::new(self.line(edge, act_as));
        Ok(edge.get_deliveries(request).await?.into_inner())
    }
}
