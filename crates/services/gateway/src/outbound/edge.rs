use harken_contracts::wire::ingress::v1::edge_client::EdgeClient;
use harken_contracts::wire::ingress::v1::{Deliveries, GetDeliveriesRequest};
use harken_domain::ConnectionId;
use harken_runtime::status;

use super::act_as::ActAs;
use super::{Answer, Asking};

impl Asking {
    /// How notifications of a connection arrive.
    pub(crate) async fn deliveries(&self, connection: ConnectionId) -> Answer<Deliveries> {
        let Some(edge) = &self.rooms.edge else {
            let words =
                "this deployment takes no notifications: HARKEN_INGRESS_ENDPOINT is not set";
            return Err(status::unavailable("NO_EDGE", words));
        };
        let request = GetDeliveriesRequest {
            connection_id: connection.to_string(),
        };
        let mut edge = EdgeClient::new(self.line(edge, ActAs::soon(self.acting)));
        Ok(edge.get_deliveries(request).await?.into_inner())
    }
}
