use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use harken_bus::{Delivery, WatchFrom};
use harken_contracts::events::Event;
use harken_contracts::subjects;
use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::auth::v1::{EnsureOrganizationRequest, Member};
use harken_contracts::wire::vault::v1::call_chunk::Chunk;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_contracts::wire::vault::v1::{
    CallHead, CallPriority, CallRequest, ConnectWithTokenRequest, Connection,
};
use harken_domain::{Clock, MemberId, OrganizationId, Role};
use harken_intercom::Patience;
use harken_runtime::{Authorized, Environment, Shutdown, Tasks, Trigger, status};
use harken_store::Store;
use harken_testkit::{Database, TestBus, TestServer, frozen_clock};
use harken_vault::{Config, Rails, build, migrations};
use sqlx::PgConnection;
use tokio::sync::Mutex;
use tonic::Status;

use crate::intercom::Intercom;

/// The vault between a real Postgres, a real NATS and a made-up Intercom, at noon of 2026-11-20 until the clock is moved.
pub(crate) struct House {
    pub(crate) intercom: Intercom,
    pub(crate) clock: Clock,
    pub(crate) server: TestServer,
    /// Openings and closings of connections as they are told.
    told: Mutex<BoxStream<'static, Delivery>>,
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) bus: TestBus,
    tasks: Tasks,
    shutdown: Shutdown,
    trigger: Trigger,
}

/// An organization with its owner.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) organization: OrganizationId,
    pub(crate) owner: MemberId,
}

/// A whole answer of `Call`.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) head: CallHead,
    pub(crate) body: Vec<u8>,
    /// In how many messages the body came.
    pub(crate) pieces: usize,
}

pub(crate) fn environment(intercom: &Intercom) -> Environment {
    Environment::from_pairs([
        ("HARKEN_PROFILE", "local"),
        ("HARKEN_INTERCOM_API_URL", &intercom.url),
        ("HARKEN_INTERCOM_CLIENT_ID", "client-1"),
        ("HARKEN_INTERCOM_CLIENT_SECRET", "client-secret-1"),
        ("HARKEN_PUBLIC_URL", "http://127.0.0.1:7400"),
        ("HARKEN_KEY_ENCRYPTION_KEY", &"5a".repeat(32)),
    ])
}

impl House {
    pub(crate) async fn open() -> Self {
        Box::pin(Self::open_with(|environment| environment)).await
    }

    pub(crate) async fn open_with(change: impl FnOnce(Environment) -> Environment) -> Self {
        Self::open_on(Database::create(migrations()).await, change).await
    }

    /// On a database that has a past.
    pub(crate) async fn open_on(
        database: Database,
        change: impl FnOnce(Environment) -> Environment,
    ) -> Self {
        let (intercom, clock) = (Intercom::open().await, frozen_clock());
        let bus = TestBus::open().await;
        let store = database.store().await;
        let told = bus
            .watch(vec![subjects::all_connections()], WatchFrom::New)
            .await
            .unwrap();
        let rails = Rails {
            store: store.clone(),
            bus: bus.bus(),
            clock: clock.clone(),
        };
        let patience = Patience {
            connect: Duration::from_secs(2),
            idle: Duration::from_millis(500),
        };
        let config = Config::from_environment(&change(environment(&intercom))).unwrap();
        let service = build(config.with_patience(patience), rails).await.unwrap();
        let server = TestServer::start_at(service.grpc(), clock.clone()).await;
        let (shutdown, trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn_essential("vault", service.run(shutdown.clone()));
        let told = Mutex::new(told.boxed());
        Self {
            intercom,
            clock,
            server,
            told,
            store,
            database,
            bus,
            tasks,
            shutdown,
            trigger,
        }
    }

    /// Another process of the same vault; it stops with the house.
    pub(crate) async fn another(&self) -> TestServer {
        let rails = Rails {
            store: self.database.store().await,
            bus: self.bus.another().await,
            clock: self.clock.clone(),
        };
        let config = Config::from_environment(&environment(&self.intercom)).unwrap();
        let service = build(config, rails).await.unwrap();
        let server = TestServer::start_at(service.grpc(), self.clock.clone()).await;
        self.tasks
            .spawn_essential("another vault", service.run(self.shutdown.clone()));
        server
    }

    /// Stops the vault; everything it has to say has been said.
    pub(crate) async fn close(self) {
        self.trigger.pull();
        let drained = self.tasks.drain(Duration::from_secs(20)).await;
        assert!(drained.unfinished.is_empty(), "{drained:?}");
        drained.into_result().unwrap();
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM vault.outbox")
            .fetch_one(&mut self.database.owner().await)
            .await
            .unwrap();
        assert_eq!(waiting, 0, "events were left behind");
    }

    pub(crate) async fn tenant(&self, name: &str) -> Tenant {
        let request = EnsureOrganizationRequest {
            name: name.to_owned(),
            owner_email: format!("owner@{name}.example"),
            owner_name: format!("Owner of {name}"),
        };
        let channel = self.server.channel("operator").for_no_organization();
        let answer = AuthClient::new(channel)
            .ensure_organization(request)
            .await
            .unwrap();
        let answer = answer.into_inner();
        Tenant {
            organization: answer
                .organization
                .unwrap()
                .organization_id
                .parse()
                .unwrap(),
            owner: answer.owner.unwrap().member_id.parse().unwrap(),
        }
    }

    /// The console with the tenant's owner in front of it.
    pub(crate) fn console(&self, tenant: &Tenant) -> Authorized {
        self.console_as(tenant, Role::Owner, tenant.owner)
    }

    pub(crate) fn console_as(&self, tenant: &Tenant, role: Role, member: MemberId) -> Authorized {
        self.server
            .channel("gateway")
            .for_organization(tenant.organization)
            .with_role(role, member)
    }

    pub(crate) fn auth(&self, tenant: &Tenant) -> AuthClient<Authorized> {
        AuthClient::new(self.console(tenant))
    }

    pub(crate) fn vault(&self, tenant: &Tenant) -> VaultClient<Authorized> {
        VaultClient::new(self.console(tenant))
    }

    /// Connects a workspace by a token that Intercom knows from now on.
    pub(crate) async fn connect(
        &self,
        tenant: &Tenant,
        token: &str,
        workspace: &str,
    ) -> Result<Connection, Status> {
        self.intercom.admit(token, workspace);
        let request = ConnectWithTokenRequest {
            access_token: token.to_owned(),
            member_id: tenant.owner.to_string(),
            ..ConnectWithTokenRequest::default()
        };
        let answer = self.vault(tenant).connect_with_token(request).await?;
        Ok(answer.into_inner())
    }

    pub(crate) async fn call(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        path: &str,
    ) -> Result<Called, Status> {
        self.call_with(tenant, get(connection, path)).await
    }

    pub(crate) async fn call_with(
        &self,
        tenant: &Tenant,
        request: CallRequest,
    ) -> Result<Called, Status> {
        self.call_through(&self.server, tenant, request).await
    }

    /// Through one of the vault's processes.
    pub(crate) async fn call_through(
        &self,
        server: &TestServer,
        tenant: &Tenant,
        request: CallRequest,
    ) -> Result<Called, Status> {
        let channel = server.channel("sync").for_organization(tenant.organization);
        let mut client = VaultClient::new(channel).max_decoding_message_size(16 << 20);
        let mut chunks = client.call(request).await?.into_inner();
        let mut called = Called {
            head: CallHead::default(),
            body: Vec::new(),
            pieces: 0,
        };
        let mut heads = 0;
        while let Some(chunk) = chunks.message().await? {
            match chunk.chunk.unwrap() {
                Chunk::Head(head) => {
                    assert!(called.body.is_empty(), "the head comes first");
                    heads += 1;
                    called.head = head;
                }
                Chunk::Body(piece) => {
                    called.pieces += 1;
                    called.body.extend_from_slice(&piece);
                }
            }
        }
        assert_eq!(heads, 1, "there is one head");
        Ok(called)
    }

    /// The next opening or closing, which must be an `E`.
    pub(crate) async fn next<E: Event>(&self) -> E {
        let mut told = self.told.lock().await;
        let delivery = tokio::time::timeout(Duration::from_secs(20), told.next()).await;
        delivery
            .expect("an event in time")
            .unwrap()
            .decode::<E>()
            .unwrap()
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        self.database.owner().await
    }
}

pub(crate) fn get(connection: &Connection, path: &str) -> CallRequest {
    CallRequest {
        connection_id: connection.connection_id.clone(),
        method: "GET".to_owned(),
        path: path.to_owned(),
        priority: CallPriority::Backfill.into(),
        ..CallRequest::default()
    }
}

pub(crate) fn reason<T: std::fmt::Debug>(refused: Result<T, Status>) -> String {
    let refused = refused.expect_err("a refusal");
    status::reason_of(&refused).unwrap_or_else(|| format!("no reason: {refused:?}"))
}

pub(crate) fn id(member: &Member) -> MemberId {
    member.member_id.parse().unwrap()
}
