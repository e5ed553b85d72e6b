//! `ingress.v1`, one file per method.

mod get_deliveries;
mod get_edge_status;
mod status;

use std::sync::Arc;

use harken_contracts::wire::ingress::v1::edge_server::{Edge as Answers, EdgeServer};
use harken_contracts::wire::ingress::v1::{
    Deliveries, EdgeStatus, GetDeliveriesRequest, GetEdgeStatusRequest,
};
use tonic::{Request, Response, Status};

use crate::app::Edge;

/// Answers `ingress.v1`.
pub(crate) struct EdgeRpc(Arc<Edge>);

impl EdgeRpc {
    pub(crate) fn server(edge: Arc<Edge>) -> EdgeServer<Self> {
        EdgeServer::new(Self(edge))
    }
}

#[tonic::async_trait]
impl Answers for EdgeRpc {
    async fn get_deliveries(
        &self,
        request: Request<GetDeliveriesRequest>,
    ) -> Result<Response<Deliveries>, Status> {
        get_deliveries::answer(&self.0, request)
            .await
            .map(Response::new)
    }

    async fn get_edge_status(
        &self,
        request: Request<GetEdgeStatusRequest>,
    ) -> Result<Response<EdgeStatus>, Status> {
        get_edge_status::answer(&self.0, &request)
            .await
            .map(Response::new)
    }
}
