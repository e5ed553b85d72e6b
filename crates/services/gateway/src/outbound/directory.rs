use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_contracts::wire::directory::v1::{
    ConversationWithParts, Customer, ExportBatch, ExportKind, ExportRequest,
    GetConversationRequest, GetCustomerRequest, ListConversationsRequest,
    ListConversationsResponse,
};
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::{ConnectionId, ConversationId, CustomerId};
use harken_runtime::grpc::MAX_ANSWER_BYTES;
use tonic::Streaming;

use super::act_as::ActAs;
use super::{Answer, Asking, Line};

impl Asking {
    pub(crate) async fn customer(&self, id: CustomerId) -> Answer<Customer> {
        let request = GetCustomerRequest {
            customer_id: id.to_string(),
        };
        let mut directory = self.directory(ActAs::soon(self.acting));
        Ok(directory.get_customer(request).await?.into_inner())
    }

    pub(crate) async fn conversations(
        &self,
        customer: CustomerId,
        page: PageRequest,
    ) -> Answer<ListConversationsResponse> {
        let request = ListConversationsRequest {
            customer_id: customer.to_string(),
            page: Some(page),
            ..ListConversationsRequest::default()
        };
        let mut directory = self.directory(ActAs::soon(self.acting));
        Ok(directory.list_conversations(request).await?.into_inner())
    }

    pub(crate) async fn conversation(&self, id: ConversationId) -> Answer<ConversationWithParts> {
        let request = GetConversationRequest {
            conversation_id: id.to_string(),
        };
        let mut directory = self.directory(ActAs::soon(self.acting));
        Ok(directory.get_conversation(request).await?.into_inner())
    }

    pub(crate) async fn export(
        &self,
        connection: Option<ConnectionId>,
        kind: ExportKind,
    ) -> Answer<Streaming<ExportBatch>> {
        let request = ExportRequest {
            connection_id: connection.map_or_else(String::new, |id| id.to_string()),
            kind: kind.into(),
        };
        let mut directory = self.directory(ActAs::streaming(self.acting));
        Ok(directory.export(request).await?.into_inner())
    }

    fn directory(&self, act_as: ActAs) -> DirectoryClient<Line> {
        // A conversation may have 500 parts.
        DirectoryClient::new(self.line(&self.rooms.sync, act_as))
            .max_decoding_message_size(MAX_ANSWER_BYTES)
    }
}
