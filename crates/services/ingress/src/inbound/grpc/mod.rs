use harken_contracts::wire::ingress::v1::edge_server::{Edge, EdgeServer};
use harken_contracts::wire::ingress::v1::{
    Deliveries, EdgeStatus, GetDeliveriesRequest, GetEdgeStatusRequest,
};
use tonic::{Request, Response, Status};

/// `ingress.v1`.
pub(crate) struct EdgeRpc;

impl EdgeRpc {
    pub(crate) fn server() -> EdgeServer<Self> {
        EdgeServer::new(Self)
    }
}

#[tonic::async_trait]
impl Edge for EdgeRpc {
    async fn get_deliveries(
        &self,
        _: Request<GetDeliveriesRequest>,
    ) -> Result<Response<Deliveries>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_edge_status(
        &self,
        _: Request<GetEdgeStatusRequest>,
    ) -> Result<Response<EdgeStatus>, Status> {
        Ok(Response::new(EdgeStatus::default()))
    }
}
