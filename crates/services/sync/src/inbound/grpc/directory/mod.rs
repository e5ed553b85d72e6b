mod conversations;
mod customers;
mod export;

use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use harken_contracts::wire::directory::v1::{
    ConversationWithParts, Customer, ExportBatch, ExportRequest, GetConversationRequest,
    GetCustomerRequest, ListConversationsRequest, ListConversationsResponse, ListCustomersRequest,
    ListCustomersResponse, directory_server,
};
use harken_domain::{ConnectionId, ConversationStatus};
use harken_runtime::{paging, status as refuse};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    fields::{id, optional_id, query, reader, slice},
    status,
};
use crate::{
    app::Sync,
    outbound::postgres::{
        connections,
        directory::{conversations as held, customers as mirrored, parts},
    },
};

/// Answers `directory.v1`.
#[derive(Debug)]
pub(crate) struct DirectoryRpc {
    sync: Sync,
}

impl DirectoryRpc {
    pub(crate) fn new(sync: Sync) -> Self {
        Self { sync }
    }
}

#[tonic::async_trait]
impl directory_server::Directory for DirectoryRpc {
    async fn get_customer(
        &self,
        request: Request<GetCustomerRequest>,
    ) -> Result<Response<Customer>, Status> {
        let organization = reader(&request)?;
        let customer = id("customer_id", &request.get_ref().customer_id)?;
        let mut store = self
            .sync
            .store
            .pool()
            .acquire()
            .await
            .map_err(status::store)?;
        let found = mirrored::find(&mut store, organization, customer)
            .await
            .map_err(status::store)?;
        let row = found.ok_or_else(|| refuse::not_found("customer"))?;
        let mut customers = customers::with_companies(&mut store, vec![row]).await?;
        customers
            .pop()
            .map(Response::new)
            .ok_or_else(|| refuse::not_found("customer"))
    }

    async fn list_customers(
        &self,
        request: Request<ListCustomersRequest>,
    ) -> Result<Response<ListCustomersResponse>, Status> {
        let organization = reader(&request)?;
        let request = request.into_inner();
        let filter = mirrored::Filter {
            organization,
            connection: optional_id("connection_id", &request.connection_id)?,
            query: query("query", &request.query)?,
        };
        let fingerprint = ("customers", filter.connection, filter.query);
        let size = paging::size(request.page.as_ref())?;
        let after: Option<mirrored::Place> = paging::position(&fingerprint, request.page.as_ref())?;
        let mut store = self
            .sync
            .store
            .pool()
            .acquire()
            .await
            .map_err(status::store)?;
        if let Some(connection) = filter.connection {
            known(&mut store, organization, connection).await?;
        }
        let mut rows = mirrored::list(&mut store, filter, after, i64::from(size) + 1)
            .await
            .map_err(status::store)?;
        let total = mirrored::count(&mut store, filter)
            .await
            .map_err(status::store)?;
        let place = |row: &mirrored::ContactRow| (row.first_seen_at, row.customer_id);
        let page = slice(&mut rows, size, &fingerprint, place, total)?;
        let customers = customers::with_companies(&mut store, rows).await?;
        Ok(Response::new(ListCustomersResponse {
            customers,
            page: Some(page),
        }))
    }

    async fn list_conversations(
        &self,
        request: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        let organization = reader(&request)?;
        let request = request.into_inner();
        let filter = held::Filter {
            organization,
            connection: optional_id("connection_id", &request.connection_id)?,
            customer: optional_id("customer_id", &request.customer_id)?,
            status: ConversationStatus::try_from(request.status()).ok(),
        };
        let status_word = filter.status.map(ConversationStatus::as_str);
        let fingerprint = (
            "conversations",
            filter.connection,
            filter.customer,
            status_word,
        );
        let size = paging::size(request.page.as_ref())?;
        let after: Option<(DateTime<Utc>, Uuid)> =
            paging::position(&fingerprint, request.page.as_ref())?;
        let mut store = self
            .sync
            .store
            .pool()
            .acquire()
            .await
            .map_err(status::store)?;
        match (filter.connection, filter.customer) {
            (Some(connection), _) => known(&mut store, organization, connection).await?,
            (None, Some(customer)) => {
                let found = mirrored::find(&mut store, organization, customer).await;
                found
                    .map_err(status::store)?
                    .ok_or_else(|| refuse::not_found("customer"))?;
            }
            (None, None) => {
                let problem = "name a connection, or a customer in customer_id";
                return Err(refuse::invalid_argument("connection_id", problem));
            }
        }
        let mut rows = held::list(&mut store, filter, after, i64::from(size) + 1)
            .await
            .map_err(status::store)?;
        let total = held::count(&mut store, filter)
            .await
            .map_err(status::store)?;
        let place = |row: &held::ConversationRow| (row.updated_at, row.conversation_id);
        let page = slice(&mut rows, size, &fingerprint, place, total)?;
        let conversations = rows.into_iter().map(conversations::conversation).collect();
        Ok(Response::new(ListConversationsResponse {
            conversations,
            page: Some(page),
        }))
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<ConversationWithParts>, Status> {
        let organization = reader(&request)?;
        let conversation = id("conversation_id", &request.get_ref().conversation_id)?;
        let mut store = self
            .sync
            .store
            .pool()
            .acquire()
            .await
            .map_err(status::store)?;
        let found = held::find(&mut store, organization, conversation)
            .await
            .map_err(status::store)?;
        let row = found.ok_or_else(|| refuse::not_found("conversation"))?;
        let connection = ConnectionId::from_uuid(row.connection_id);
        let parts = parts::of_conversation(&mut store, connection, &row.external_id)
            .await
            .map_err(status::store)?;
        Ok(Response::new(ConversationWithParts {
            conversation: Some(conversations::conversation(row)),
            parts: parts.into_iter().map(conversations::part).collect(),
        }))
    }

    type ExportStream = BoxStream<'static, Result<ExportBatch, Status>>;

    async fn export(
        &self,
        request: Request<ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let organization = reader(&request)?;
        let request = request.get_ref();
        let kind = export::kind(request.kind())?;
        let mut store = self
            .sync
            .store
            .pool()
            .acquire()
            .await
            .map_err(status::store)?;
        let connections = match optional_id("connection_id", &request.connection_id)? {
            Some(connection) => {
                known(&mut store, organization, connection).await?;
                vec![connection]
            }
            None => connections::of_organization(&mut store, organization)
                .await
                .map_err(status::store)?,
        };
        drop(store);
        let batches = export::batches(self.sync.store.clone(), connections, kind);
        Ok(Response::new(Box::pin(batches)))
    }
}

/// Refuses a connection that is unknown or another's.
async fn known(
    store: &mut sqlx::PgConnection,
    organization: harken_domain::OrganizationId,
    connection: ConnectionId,
) -> Result<(), Status> {
    let found = connections::find(store, organization, connection).await;
    found
        .map_err(status::store)?
        .map(drop)
        .ok_or_else(|| refuse::not_found("connection"))
}
