use std::vec;

use futures::stream::{self, Iter};
use harken_contracts::wire::directory::v1::directory_server::Directory;
use harken_contracts::wire::directory::v1::{
    Conversation, ConversationWithParts, Customer, ExportBatch, ExportRequest,
    GetConversationRequest, GetCustomerRequest, ListConversationsRequest,
    ListConversationsResponse, ListCustomersRequest, ListCustomersResponse,
};
use harken_contracts::wire::events::v1::{AuthorKind, ConversationStatus, Part};
use harken_runtime::status;
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, connection_id, conversation_id, customer_id, unasked};

type Answer<T> = Result<Response<T>, Status>;

fn customer() -> Customer {
    Customer {
        customer_id: customer_id().to_string(),
        connection_id: connection_id().to_string(),
        external_id: "65f1".to_owned(),
        contact_role: "user".to_owned(),
        email: Some("miles@ds9.example".to_owned()),
        name: Some("Miles O'Brien <script>".to_owned()),
        tags: vec!["=tag".to_owned()],
        ..Customer::default()
    }
}

fn conversation() -> Conversation {
    Conversation {
        conversation_id: conversation_id().to_string(),
        external_id: "2100".to_owned(),
        customer_ids: vec![customer_id().to_string()],
        status: ConversationStatus::Open.into(),
        title: Some("Invoice is wrong".to_owned()),
        ..Conversation::default()
    }
}

fn note() -> Part {
    Part {
        part_type: "note".to_owned(),
        author_kind: AuthorKind::Admin.into(),
        text: Some("do not tell them".to_owned()),
        ..Part::default()
    }
}

#[async_trait]
impl Directory for Fakes {
    async fn get_customer(&self, request: Request<GetCustomerRequest>) -> Answer<Customer> {
        if request.into_inner().customer_id != customer_id().to_string() {
            return Err(status::not_found("customer"));
        }
        Ok(Response::new(customer()))
    }

    async fn list_conversations(
        &self,
        _: Request<ListConversationsRequest>,
    ) -> Answer<ListConversationsResponse> {
        let (conversations, page) = (vec![conversation()], None);
        Ok(Response::new(ListConversationsResponse {
            conversations,
            page,
        }))
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Answer<ConversationWithParts> {
        if request.into_inner().conversation_id != conversation_id().to_string() {
            return Err(status::not_found("conversation"));
        }
        Ok(Response::new(ConversationWithParts {
            conversation: Some(conversation()),
            parts: vec![note()],
        }))
    }

    type ExportStream = Iter<vec::IntoIter<Result<ExportBatch, Status>>>;

    async fn export(&self, _: Request<ExportRequest>) -> Answer<Self::ExportStream> {
        let batch = ExportBatch {
            contacts: vec![customer()],
            ..ExportBatch::default()
        };
        Ok(Response::new(stream::iter(vec![
            Ok(batch.clone()),
            Ok(batch),
        ])))
    }

    async fn list_customers(
        &self,
        _: Request<ListCustomersRequest>,
    ) -> Answer<ListCustomersResponse> {
        unasked()
    }
}
