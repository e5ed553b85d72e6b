use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt as _;
use harken_bus::{Delivery, Outgoing, WatchFrom};
use harken_contracts::subjects;
use harken_contracts::wire::events::v1::WebhookReceived;
use harken_contracts::wire::ingress::v1::edge_client::EdgeClient;
use harken_contracts::wire::types::v1::DataPolicy;
use harken_contracts::wire::vault::v1::{WebhookKeys, WebhookRoute};
use harken_domain::{Clock, ConnectionId, OrganizationId, Secret};
use harken_ingress::{Config, Patience, Rails, build, migrations};
use harken_runtime::{Authorized, Environment, ServiceIdentity, Shutdown, Tasks, Trigger};
use harken_store::{Store, StoreConfig};
use harken_testkit::{Database, Link, TestBus, TestServer, frozen_clock, nats_url, service_secret};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::client::{self, Reply, signature};
use crate::vault::{FakeVault, key, organization, route};

/// The deployment's secret, and that of an organization's own app.
pub(crate) const SECRET: &str = "deployment-secret";
pub(crate) const OWN_SECRET: &str = "own-secret";
/// Workspaces: of the deployment's app, of an own app, and one that keeps structure alone.
pub(crate) const WORKSPACE: &str = "wsk1";
pub(crate) const OWN_WORKSPACE: &str = "wsk2";
pub(crate) const BARE_WORKSPACE: &str = "wsk3";

pub(crate) const PATH: &str = "/api/v1/webhooks/intercom";

/// The edge between a real Postgres, a real NATS and a made-up vault. Its time stands still; both stores can be cut off.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) vault: FakeVault,
    pub(crate) clock: Clock,
    pub(crate) bus_link: Link,
    pub(crate) database_link: Link,
    pub(crate) database: Database,
    bus: TestBus,
    grpc: TestServer,
    _vault_server: TestServer,
    tasks: Tasks,
    trigger: Trigger,
}

pub(crate) fn connection(workspace: &str) -> ConnectionId {
    ConnectionId::derive(&[workspace.as_bytes()])
}

pub(crate) fn own_path() -> String {
    format!("{PATH}/{}", connection(OWN_WORKSPACE))
}

/// A notification about a conversation, with a canary in its text.
pub(crate) fn notification(workspace: &str, id: &str) -> Vec<u8> {
    notification_of(workspace, "conversation.user.replied", &json!(id))
}

pub(crate) fn notification_of(workspace: &str, topic: &str, id: &Value) -> Vec<u8> {
    let body = json!({
        "type": "notification_event", "app_id": workspace, "topic": topic, "id": id,
        "created_at": 1_795_176_000, "first_sent_at": 1_795_176_001, "delivery_attempts": 1,
        "data": {"type": "notification_event_data", "item": {
            "type": "conversation", "id": "215470000000001",
            "source": {"body": "the canary sings", "author": {"email": "canary@example.com"}},
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

impl House {
    pub(crate) async fn open() -> Self {
        Box::pin(Self::open_with(|config| config)).await
    }

    /// A house that does not wait for a bus that is away, but for Postgres.
    pub(crate) async fn open_impatient() -> Self {
        let patience = Patience {
            keep: Duration::from_secs(20),
            ask: Duration::from_secs(10),
            ..Patience::default()
        };
        let house = Self::open_with(|config| Config { patience, ..config });
        Box::pin(house).await
    }

    /// A house that keeps as patiently as a real one.
    pub(crate) async fn open_real() -> Self {
        let patience = Patience {
            ask: Duration::from_secs(10),
            ..Patience::default()
        };
        let house = Self::open_with(|config| Config { patience, ..config });
        Box::pin(house).await
    }

    pub(crate) async fn open_with(change: impl FnOnce(Config) -> Config) -> Self {
        let vault = FakeVault::default();
        teach(&vault);
        let clock = frozen_clock();
        let vault_server = TestServer::start_at(vault.services(), clock.clone()).await;
        let (database, bus) = (Database::create(migrations()).await, TestBus::open().await);
        let (database_link, database_url) = Link::to(database.url().expose()).await;
        let (bus_link, bus_url) = Link::to(&nats_url()).await;
        let store = StoreConfig {
            database_url: Secret::new(database_url),
            schema: "ingress",
            max_connections: 8,
        };
        let (shutdown, trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        let rails = Rails {
            store: Store::connect(store).await.unwrap(),
            bus: bus.elsewhere(bus_url).await,
            clock: clock.clone(),
            tasks: tasks.clone(),
            identity: ServiceIdentity::new("ingress", service_secret(), clock.clone()),
        };
        let environment = Environment::from_pairs([
            ("HARKEN_PROFILE", "local"),
            ("HARKEN_INGRESS_LISTEN", "127.0.0.1:0"),
            ("HARKEN_VAULT_ENDPOINT", &vault_server.url()),
        ]);
        // So that a machine that is busy with other tests changes no outcome.
        let config = change(Config {
            patience: Patience {
                keep: Duration::from_secs(20),
                publish: Duration::from_secs(10),
                ask: Duration::from_secs(10),
            },
            ..Config::from_environment(&environment).unwrap()
        });
        let service = build(config, rails).await.unwrap();
        let address = service.http_address().unwrap();
        let grpc = TestServer::start_at(service.grpc(), clock.clone()).await;
        tasks.spawn_essential("ingress", service.run(shutdown));
        Self {
            address,
            vault,
            clock,
            bus_link,
            database_link,
            database,
            bus,
            grpc,
            _vault_server: vault_server,
            tasks,
            trigger,
        }
    }

    /// Posts a rightly signed notification of the deployment's app.
    pub(crate) async fn post(&self, body: &[u8]) -> Reply {
        self.post_signed(PATH, SECRET, body).await
    }

    pub(crate) async fn post_signed(&self, path: &str, secret: &str, body: &[u8]) -> Reply {
        let signature = signature(secret, body);
        client::post(self.address, path, &[("X-Hub-Signature", &signature)], body).await
    }

    /// The first `count` messages of the stream.
    pub(crate) async fn streamed(&self, count: usize) -> Vec<(Delivery, WebhookReceived)> {
        let all = self
            .bus
            .watch(vec![subjects::all_webhooks()], WatchFrom::Beginning);
        let messages = all.await.unwrap().take(count).collect::<Vec<Delivery>>();
        let messages = tokio::time::timeout(Duration::from_secs(20), messages).await;
        let decoded = |delivery: Delivery| (delivery.clone(), delivery.decode().unwrap());
        messages
            .expect("messages in time")
            .into_iter()
            .map(decoded)
            .collect()
    }

    /// How many messages the stream has.
    pub(crate) async fn in_stream(&self) -> u64 {
        let mut all = std::pin::pin!(
            self.bus
                .watch(vec![subjects::all_webhooks()], WatchFrom::Beginning)
                .await
                .unwrap()
        );
        let mut count = 0;
        while let Ok(Some(_)) = tokio::time::timeout(Duration::from_millis(700), all.next()).await {
            count += 1;
        }
        count
    }

    /// What the edge answers over gRPC to the console of the organization.
    pub(crate) fn edge(&self) -> EdgeClient<Authorized> {
        self.edge_for("gateway")
    }

    pub(crate) fn edge_for(&self, service: &str) -> EdgeClient<Authorized> {
        let channel = self.grpc.channel(service);
        EdgeClient::new(channel.for_organization(organization()))
    }

    /// What the edge answers to the console of another organization.
    pub(crate) fn edge_of(&self, organization: OrganizationId) -> EdgeClient<Authorized> {
        let channel = self.grpc.channel("gateway");
        EdgeClient::new(channel.for_organization(organization))
    }

    pub(crate) async fn publish(&self, message: Outgoing) {
        self.bus.publish(message).await.unwrap();
    }

    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement)
            .fetch_one(&mut self.owner().await)
            .await
            .unwrap()
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        self.database.owner().await
    }

    pub(crate) fn stop(&self) {
        self.trigger.pull();
    }

    /// Stops the edge; nothing hangs.
    pub(crate) async fn close(self) {
        self.stop();
        let drained = self.tasks.drain(Duration::from_secs(25)).await;
        assert!(drained.unfinished.is_empty(), "{drained:?}");
        drained.into_result().unwrap();
    }
}

fn teach(vault: &FakeVault) {
    let mut known = vault.known();
    let full = |workspace| route(connection(workspace), workspace, DataPolicy::Full);
    let bare = WebhookRoute {
        pseudonym_key: vec![7; 32].into(),
        ..route(
            connection(BARE_WORKSPACE),
            BARE_WORKSPACE,
            DataPolicy::MetadataOnly,
        )
    };
    let keys = |secret, route: Option<WebhookRoute>| WebhookKeys {
        keys: vec![key(secret)],
        route,
    };
    known.keys.insert(String::new(), keys(SECRET, None));
    let own = connection(OWN_WORKSPACE).to_string();
    known
        .keys
        .insert(own, keys(OWN_SECRET, Some(full(OWN_WORKSPACE))));
    for route in [full(WORKSPACE), full(OWN_WORKSPACE), bare] {
        known.routes.insert(route.workspace_id.clone(), route);
    }
}
