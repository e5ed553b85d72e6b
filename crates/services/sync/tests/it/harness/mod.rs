//! A house of its own for each test.

mod process;
mod truth;
mod vault;

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use harken_bus::{Delivery, Outgoing, WatchFrom};
use harken_contracts::{
    convert::timestamp,
    events::Event,
    subjects::Subject,
    wire::{
        directory::v1::directory_client::DirectoryClient,
        events::v1::{ConnectionClosed, ConnectionOpened},
        sync::v1::{GetStatusRequest, Run, RunState, StartRunRequest, sync_client::SyncClient},
        types::v1::{DataPolicy, OnDisconnect},
    },
};
use harken_domain::{Clock, ConnectionId, OrganizationId, Role};
use harken_runtime::Authorized;
use harken_simulator::{Config as Story, Handle, Simulator};
use harken_testkit::{Database, TestBus, TestServer, eventually_some};
use serde_json::Value;
use sqlx::PgPool;

pub(crate) use self::process::Process;
pub(crate) use self::truth::Truth;
use self::vault::FakeVault;
pub(crate) use self::vault::{Constant, PSEUDONYM_KEY};

/// A token of the simulator's that may read everything.
pub(crate) const FULL: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";

pub(crate) struct House {
    pub(crate) simulator: Handle,
    pub(crate) vault: FakeVault,
    vault_server: TestServer,
    pub(crate) database: Database,
    pub(crate) bus: TestBus,
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    settings: Vec<(&'static str, String)>,
    http: reqwest::Client,
    pub(crate) pool: PgPool,
}

/// A small workspace without a rate limit.
pub(crate) fn story(contacts: u64, conversations: u64) -> Story {
    Story {
        contacts,
        conversations,
        rate_per_minute: 0,
        workspace_rate_per_minute: 0,
        ..Story::default()
    }
}

impl House {
    pub(crate) async fn open(story: Story) -> Self {
        Self::open_with(story, FULL).await
    }

    pub(crate) async fn open_with(story: Story, token: &str) -> Self {
        let simulator = Simulator::start(story).await.expect("the simulator starts");
        let vault = FakeVault::new(&simulator.url(), token);
        let vault_server = TestServer::start(vault.services()).await;
        let database = Database::create(harken_sync::migrations()).await;
        let bus = TestBus::open().await;
        let pool = PgPool::connect(database.url().expose())
            .await
            .expect("Postgres answers");
        Self {
            simulator,
            vault,
            vault_server,
            database,
            bus,
            organization: OrganizationId::generate(&Clock::system()),
            connection: ConnectionId::generate(&Clock::system()),
            settings: Vec::new(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            pool,
        }
    }

    /// The house with another setting for its processes.
    pub(crate) fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }

    /// Starts sync as a process of its own.
    pub(crate) async fn start(&self) -> Process {
        Process::start(
            &self.vault_server.url(),
            self.database.url(),
            self.bus.config(),
            &self.settings,
        )
        .await
    }

    /// Tells that the connection was opened.
    pub(crate) async fn connect(&self) {
        self.open_connection(DataPolicy::Full, 1).await;
    }

    pub(crate) async fn open_connection(&self, policy: DataPolicy, revision: i64) {
        self.open_one(self.connection, policy, revision, false)
            .await;
    }

    /// Tells that a connection of another name was opened.
    pub(crate) async fn open_as(&self, connection: ConnectionId, is_synthetic: bool) {
        self.open_one(connection, DataPolicy::Full, 1, is_synthetic)
            .await;
    }

    async fn open_one(
        &self,
        connection: ConnectionId,
        policy: DataPolicy,
        revision: i64,
        is_synthetic: bool,
    ) {
        self.publish(&ConnectionOpened {
            connection_id: connection.to_string(),
            organization_id: self.organization.to_string(),
            workspace_id: "nwc7k2qx".to_owned(),
            workspace_name: "Northwind Cloud".to_owned(),
            timezone: "America/New_York".to_owned(),
            data_policy: policy.into(),
            revision,
            opened_at: Some(timestamp(now())),
            is_synthetic,
        })
        .await;
    }

    pub(crate) async fn close_connection(&self, reason: &str, revision: i64) {
        self.close_one(self.connection, reason, revision, false)
            .await;
    }

    pub(crate) async fn close_one(
        &self,
        connection: ConnectionId,
        reason: &str,
        revision: i64,
        is_synthetic: bool,
    ) {
        let then = OnDisconnect::Retain;
        self.end(connection, (reason, then), revision, is_synthetic)
            .await;
    }

    /// Ends a connection of which nothing is to stay.
    pub(crate) async fn purge_one(&self, connection: ConnectionId, revision: i64) {
        let why = ("its data is removed", OnDisconnect::Purge);
        self.end(connection, why, revision, false).await;
    }

    async fn end(
        &self,
        connection: ConnectionId,
        (reason, then): (&str, OnDisconnect),
        revision: i64,
        is_synthetic: bool,
    ) {
        self.publish(&ConnectionClosed {
            connection_id: connection.to_string(),
            organization_id: self.organization.to_string(),
            on_disconnect: then.into(),
            reason: reason.to_owned(),
            revision,
            closed_at: Some(timestamp(now())),
            is_synthetic,
        })
        .await;
    }

    async fn publish<E: Event>(&self, event: &E) {
        use harken_bus::headers::{CONNECTION, EVENT, ORGANIZATION};
        let address = event.address().unwrap();
        let stored = self.bus.publish(Outgoing {
            subject: address.subject,
            message_id: format!("{}-{}", E::TYPE, Clock::system().now().timestamp_micros()),
            headers: vec![
                (EVENT.to_owned(), E::TYPE.to_owned()),
                (ORGANIZATION.to_owned(), address.organization.to_string()),
                (CONNECTION.to_owned(), address.connection.to_string()),
            ],
            payload: event.encode_to_vec().into(),
        });
        stored.await.expect("the bus stores it");
    }

    /// Waits until the latest run has ended.
    pub(crate) async fn ended(&self, process: &Process) -> Run {
        eventually_some("the run ends", async || {
            let run = self.latest_run(process).await?;
            is_end(run.state()).then_some(run)
        })
        .await
    }

    /// Waits, longer than usual, until the latest run has ended.
    pub(crate) async fn ended_within(&self, process: &Process, patience: Duration) -> Run {
        let until = tokio::time::Instant::now() + patience;
        loop {
            if let Some(run) = self.latest_run(process).await
                && is_end(run.state())
            {
                return run;
            }
            assert!(tokio::time::Instant::now() < until, "the run does not end");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn latest_run(&self, process: &Process) -> Option<Run> {
        let request = GetStatusRequest {
            connection_id: self.connection.to_string(),
            without_totals: true,
        };
        let status = self.runs(process).get_status(request).await.ok()?;
        status.into_inner().latest_run
    }

    /// Starts a run by hand and waits for its end.
    pub(crate) async fn run_again(&self, process: &Process) -> Run {
        let request = StartRunRequest {
            connection_id: self.connection.to_string(),
            kind: 0,
        };
        self.runs(process)
            .start_run(request)
            .await
            .expect("the run starts");
        self.ended(process).await
    }

    pub(crate) fn runs(&self, process: &Process) -> SyncClient<Authorized> {
        SyncClient::new(process.channel().for_organization(self.organization))
    }

    pub(crate) fn runs_as(&self, process: &Process, role: Role) -> SyncClient<Authorized> {
        let member = harken_domain::MemberId::generate(&Clock::system());
        let channel = process.channel().for_organization(self.organization);
        SyncClient::new(channel.with_role(role, member))
    }

    pub(crate) fn directory(&self, process: &Process) -> DirectoryClient<Authorized> {
        DirectoryClient::new(process.channel().for_organization(self.organization))
    }

    /// What the simulator knows to be true.
    pub(crate) async fn truth(&self) -> Truth {
        let contacts = self.lines("truth/demo/contacts").await;
        let conversations = self
            .lines("truth/demo/conversations?updated_within_days=90")
            .await;
        Truth::new(&contacts, &conversations)
    }

    async fn lines(&self, path: &str) -> Vec<Value> {
        let url = format!("{}/_simulator/{path}", self.simulator.url());
        let text = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        text.lines()
            .map(|line| line.parse().expect("a line of JSON"))
            .collect()
    }

    /// What Intercom answers.
    pub(crate) async fn intercom(&self, path: &str) -> Value {
        let url = format!("{}/{path}", self.simulator.url());
        let answer = self.http.get(url).bearer_auth(FULL).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Asks the simulator's control.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let url = format!("{}/_simulator/{path}", self.simulator.url());
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Tells the simulator's control.
    pub(crate) async fn order(&self, path: &str, body: Value) {
        let url = format!("{}/_simulator/{path}", self.simulator.url());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// Intercom is well again.
    pub(crate) async fn forget_faults(&self) {
        let url = format!("{}/_simulator/faults", self.simulator.url());
        let answer = self.http.delete(url).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Everything that was told on a subject so far, oldest first.
    pub(crate) async fn told(&self, subject: Subject) -> Vec<Delivery> {
        // Events leave the outbox after the commit they belong to.
        eventually_some("the outbox is empty", async || {
            let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM sync.outbox")
                .fetch_one(&self.pool)
                .await
                .unwrap();
            (waiting == 0).then_some(())
        })
        .await;
        let mut told = Vec::new();
        let watch = self
            .bus
            .watch(vec![subject], WatchFrom::Beginning)
            .await
            .unwrap();
        let mut watch = Box::pin(watch);
        while let Ok(Some(delivery)) =
            tokio::time::timeout(Duration::from_millis(500), watch.next()).await
        {
            told.push(delivery);
        }
        told
    }
}

pub(crate) fn is_end(state: RunState) -> bool {
    matches!(
        state,
        RunState::Complete | RunState::CompleteWithGaps | RunState::Failed
    )
}

pub(crate) fn now() -> DateTime<Utc> {
    Clock::system().now()
}

/// The numbers of one kind.
pub(crate) fn count<'a>(
    run: &'a Run,
    kind: &str,
) -> &'a harken_contracts::wire::sync::v1::RunCounts {
    let found = run.counts.iter().find(|count| count.kind == kind);
    found.unwrap_or_else(|| panic!("the run has no numbers of {kind}"))
}
