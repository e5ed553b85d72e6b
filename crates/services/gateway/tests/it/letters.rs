//! Dead letters for tests, and a caller of the gateway over gRPC.

use harken_bus::{DeadLetterSelection, Outgoing, headers};
use harken_contracts::subjects;
use harken_contracts::wire::dead::v1::dead_letters_client::DeadLettersClient;
use harken_contracts::wire::events::v1::WebhookReceived;
use harken_domain::{ApiKeyId, ConnectionId, OrganizationId, Role};
use harken_runtime::VerifiedKey;
use tonic::metadata::AsciiMetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::fakes::{connection_id, organization_id};
use crate::house::House;

pub(crate) type Rpc = DeadLettersClient<InterceptedService<Channel, Bearer>>;

/// Sends an API key along.
#[derive(Clone)]
pub(crate) struct Bearer(AsciiMetadataValue);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.0.clone());
        Ok(request)
    }
}

impl House {
    /// A program with an API key of this role.
    pub(crate) async fn rpc(&self, role: Role) -> Rpc {
        let secret = format!("hk_{role}");
        let key = VerifiedKey {
            id: ApiKeyId::derive(&[b"key"]),
            organization: organization_id(),
            role,
        };
        self.rpc.keys.add(&secret, key);
        let channel = Endpoint::from_shared(self.rpc.url()).unwrap();
        let channel = channel.connect().await.unwrap();
        let bearer = Bearer(format!("Bearer {secret}").parse().unwrap());
        DeadLettersClient::with_interceptor(channel, bearer)
    }

    /// A notification that sync could not take.
    pub(crate) async fn bury(&self, name: &str) {
        let (organization, connection) = (organization_id(), connection_id());
        self.bury_of(name, organization, connection).await;
    }

    pub(crate) async fn bury_of(
        &self,
        name: &str,
        organization: OrganizationId,
        connection: ConnectionId,
    ) {
        let received = WebhookReceived {
            connection_id: connection.to_string(),
            organization_id: organization.to_string(),
            topic: "conversation.user.replied".to_owned(),
            body: format!(r#"{{"secret words of":"{name}"}}"#)
                .into_bytes()
                .into(),
            ..WebhookReceived::default()
        };
        let told = Outgoing::of(name, &received).unwrap();
        let mut dead = told.clone();
        dead.subject = subjects::dead("sync", "undecodable", connection);
        dead.message_id = format!("dead.{name}");
        for (what, value) in [
            ("subject", told.subject.as_str()),
            ("message", name),
            ("sequence", "1"),
            ("deliveries", "3"),
            ("consumer", "sync-webhooks"),
            ("reason", "undecodable"),
            ("error", "the item is no conversation"),
        ] {
            let header = (format!("harken-dead-{what}"), value.to_owned());
            dead.headers.push(header);
        }
        dead.headers
            .retain(|(header, _)| header != headers::MESSAGE_ID);
        self.bus.publish(dead).await.unwrap();
    }

    /// How many letters of ours are left.
    pub(crate) async fn buried(&self) -> u64 {
        let ours = DeadLetterSelection {
            connections: vec![connection_id()],
            ..DeadLetterSelection::default()
        };
        self.bus.dead_letters().count(&ours).await.unwrap()
    }
}
