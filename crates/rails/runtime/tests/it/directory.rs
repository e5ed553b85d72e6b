//! A directory whose answers depend on the customer that is asked for.

use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt as _};
use harken_contracts::wire::directory::v1::directory_server::{Directory, DirectoryServer};
use harken_contracts::wire::directory::v1::{
    ConversationWithParts, Customer, ExportBatch, ExportRequest, GetConversationRequest,
    GetCustomerRequest, ListConversationsRequest, ListConversationsResponse, ListCustomersRequest,
    ListCustomersResponse,
};
use harken_domain::Role;
use harken_runtime::grpc::Services;
use harken_runtime::{CallContext, Caller, status};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, async_trait};

#[derive(Clone, Debug)]
pub(crate) struct TestDirectory {
    /// `slow` customers are answered once it has a permit.
    pub(crate) gate: Arc<Semaphore>,
    /// Has a permit for each `slow` question that arrived.
    pub(crate) arrived: Arc<Semaphore>,
}

impl TestDirectory {
    pub(crate) fn new() -> Self {
        Self {
            gate: Arc::new(Semaphore::new(0)),
            arrived: Arc::new(Semaphore::new(0)),
        }
    }

    pub(crate) fn services(&self) -> Services {
        Services::new().add(DirectoryServer::new(self.clone()))
    }
}

pub(crate) fn ask(customer_id: &str) -> GetCustomerRequest {
    GetCustomerRequest {
        customer_id: customer_id.to_owned(),
    }
}

#[async_trait]
impl Directory for TestDirectory {
    async fn get_customer(
        &self,
        request: Request<GetCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        let context = CallContext::of(&request)?.clone();
        match request.get_ref().customer_id.as_str() {
            "panic" => panic!("canary-in-a-panic"),
            "broken" => Err(status::internal(&std::io::Error::other(
                "canary-in-an-error",
            ))),
            "admins" => context
                .require_role(Role::Admin)
                .map(|()| Response::new(Customer::default())),
            "organization" => context
                .organization()
                .map(|_| Response::new(Customer::default())),
            "slow" => {
                self.arrived.add_permits(1);
                let _permit = self.gate.acquire().await;
                Ok(Response::new(Customer::default()))
            }
            _ => Ok(Response::new(Customer {
                name: Some(match context.caller() {
                    Caller::Service(name) => name.to_string(),
                    Caller::ApiKey { id, .. } => id.to_string(),
                }),
                ..Customer::default()
            })),
        }
    }

    type ExportStream = BoxStream<'static, Result<ExportBatch, Status>>;

    /// One batch, then silence, or a panic where a connection is named.
    async fn export(
        &self,
        request: Request<ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let panics = !request.get_ref().connection_id.is_empty();
        let silence = stream::once(async move {
            assert!(!panics, "canary-in-a-stream");
            std::future::pending().await
        });
        let one = stream::iter([Ok(ExportBatch::default())]);
        Ok(Response::new(one.chain(silence).boxed()))
    }

    async fn list_customers(
        &self,
        _: Request<ListCustomersRequest>,
    ) -> Result<Response<ListCustomersResponse>, Status> {
        Ok(Response::new(ListCustomersResponse::default()))
    }

    async fn list_conversations(
        &self,
        _: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        Ok(Response::new(ListConversationsResponse::default()))
    }

    async fn get_conversation(
        &self,
        _: Request<GetConversationRequest>,
    ) -> Result<Response<ConversationWithParts>, Status> {
        Ok(Response::new(ConversationWithParts::default()))
    }
}
