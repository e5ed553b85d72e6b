use harken_contracts::wire::ingress::v1::edge_server::Edge;
use harken_contracts::wire::ingress::v1::{
    Deliveries, EdgeStatus, GetDeliveriesRequest, GetEdgeStatusRequest,
};
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, unasked};

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl Edge for Fakes {
    async fn get_deliveries(&self, _: Request<GetDeliveriesRequest>) -> Answer<Deliveries> {
        let deliveries = self.held().deliveries.clone();
        deliveries
            .map(Response::new)
            .ok_or_else(|| Status::unavailable("connection refused"))
    }

    async fn get_edge_status(&self, _: Request<GetEdgeStatusRequest>) -> Answer<EdgeStatus> {
        unasked()
    }
}
