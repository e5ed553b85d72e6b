use futures::stream::{self, BoxStream, StreamExt as _};
use harken_contracts::wire::directory::v1::directory_server::Directory;
use harken_contracts::wire::directory::v1::{
    Conversation, ConversationWithParts, Customer, ExportBatch, ExportRequest,
    GetConversationRequest, GetCustomerRequest, ListConversationsRequest,
    ListConversationsResponse, ListCustomersRequest, ListCustomersResponse,
};
use harken_contracts::wire::events::v1::{AuthorKind, ConversationStatus, Part};
use harken_runtime::status;
use tonic::{Request, Response, Status, async_trait};

use super::{Fakes, PSEUDONYM, connection_id, conversation_id, customer_id, unasked};

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
        let pseudonym = Customer {
            external_id: PSEUDONYM.to_owned(),
            email: None,
            name: None,
            ..customer()
        };
        let is_pseudonym = self.held().mirror.is_pseudonym;
        Ok(Response::new(if is_pseudonym {
            pseudonym
        } else {
            customer()
        }))
    }

    async fn list_conversations(
        &self,
        _: Request<ListConversationsRequest>,
    ) -> Answer<ListConversationsResponse> {
        let is_pseudonym = self.held().mirror.is_pseudonym;
        let conversations = (!is_pseudonym).then(conversation).into_iter().collect();
        let page = None;
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

    type ExportStream = BoxStream<'static, Result<ExportBatch, Status>>;

    async fn export(&self, _: Request<ExportRequest>) -> Answer<Self::ExportStream> {
        let (asked, breaks) = {
            let held = self.held();
            (held.export.batches, held.export.breaks)
        };
        let rows = asked.map_or(1, |_| 500);
        let batch = ExportBatch {
            contacts: vec![customer(); rows],
            ..ExportBatch::default()
        };
        let (fakes, batches) = (self.clone(), asked.unwrap_or(2));
        let whole = stream::iter(0..batches).map(move |_| {
            fakes.held().export.taken += 1;
            Ok(batch.clone())
        });
        let end = breaks.then(|| Err(Status::unavailable("the store went away")));
        Ok(Response::new(whole.chain(stream::iter(end)).boxed()))
    }

    async fn list_customers(
        &self,
        _: Request<ListCustomersRequest>,
    ) -> Answer<ListCustomersResponse> {
        unasked()
    }
}
