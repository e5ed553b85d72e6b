use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _, stream::BoxStream};
use harken_bus::{Bus, Delivery, Outgoing, WatchFrom};
use harken_contracts::{
    events::Event,
    subjects::{self, Subject},
    wire::{
        events::v1::{RecordChanged, ScoreChange, ScoreChanged},
        scoring::v1::{GetScoreRequest, Score, scoring_client::ScoringClient},
    },
};
use harken_domain::{Clock, ConnectionId, CustomerId, OrganizationId};
use harken_runtime::{Authorized, Shutdown, Tasks, Trigger};
use harken_scoring::{Config, Rails, build, migrations};
use harken_testkit::{Database, TestBus, TestServer, eventually, frozen_clock};
use sqlx::PgConnection;
use tokio::sync::Mutex;
use tonic::{Code, Status};
use uuid::Uuid;

/// Scoring between a real Postgres and a real NATS, at noon of 2026-11-20 until the clock is moved.
pub(crate) struct House {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) clock: Clock,
    pub(crate) server: TestServer,
    pub(crate) bus: TestBus,
    /// Messages that nobody could take.
    dead: Mutex<BoxStream<'static, Delivery>>,
    tasks: Tasks,
    trigger: Trigger,
    database: Database,
}

impl House {
    pub(crate) async fn open() -> Self {
        let database = Database::create(migrations()).await;
        let bus = TestBus::open().await;
        let dead = Mutex::new(follow(&bus, Subject::from_wire("harken.dead.v1.>")).await);
        let clock = frozen_clock();
        let rails = Rails {
            store: database.store().await,
            bus: bus.bus(),
            clock: clock.clone(),
        };
        let config = Config {
            sweep_every: Duration::from_millis(20),
        };
        let service = build(config, rails).await.unwrap();
        let server = TestServer::start(service.grpc()).await;
        let (shutdown, trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn_essential("scoring", service.run(shutdown));
        let organization = OrganizationId::derive(&[b"acme"]);
        let connection = ConnectionId::derive(&[b"acme"]);
        Self {
            organization,
            connection,
            clock,
            server,
            bus,
            dead,
            tasks,
            trigger,
            database,
        }
    }

    /// Sees that everything scoring has to say was said, and that no message died.
    pub(crate) async fn close(self) {
        self.told().await;
        let dead = self.dead.lock().await.next().now_or_never().flatten();
        assert!(dead.is_none(), "{dead:?}");
        self.stop();
    }

    /// Waits until every event is out.
    async fn told(&self) {
        let mut db = self.owner().await;
        eventually("all events are out", async || {
            let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM scoring.outbox")
                .fetch_one(&mut db)
                .await
                .unwrap();
            waiting == 0
        })
        .await;
    }

    /// Stops scoring and waits until it has ended.
    pub(crate) async fn drain(&self) {
        self.stop();
        let drained = self.tasks.drain(Duration::from_secs(20)).await;
        assert!(drained.unfinished.is_empty(), "{drained:?}");
        drained.into_result().unwrap();
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM scoring.outbox")
            .fetch_one(&mut self.owner().await)
            .await
            .unwrap();
        assert_eq!(waiting, 0, "events were left behind");
    }

    pub(crate) fn stop(&self) {
        self.trigger.pull();
    }

    /// A caller from the house's own organization.
    pub(crate) fn client(&self) -> ScoringClient<Authorized> {
        self.client_of(self.organization)
    }

    pub(crate) fn client_of(&self, organization: OrganizationId) -> ScoringClient<Authorized> {
        ScoringClient::new(
            self.server
                .channel("gateway")
                .for_organization(organization),
        )
        .max_decoding_message_size(16 * 1024 * 1024)
    }

    pub(crate) async fn score(&self, customer: CustomerId) -> Result<Score, Status> {
        let request = GetScoreRequest {
            customer_id: customer.to_string(),
        };
        self.client()
            .get_score(request)
            .await
            .map(tonic::Response::into_inner)
    }

    pub(crate) async fn points(&self, customer: CustomerId) -> Option<u32> {
        self.score(customer).await.unwrap().points
    }

    pub(crate) async fn is_unknown(&self, customer: CustomerId) -> bool {
        self.score(customer)
            .await
            .is_err_and(|status| status.code() == Code::NotFound)
    }

    /// Publishes an event and waits until it has had its effect.
    pub(crate) async fn send(&self, event: &RecordChanged) {
        let message_id = self.publish(event).await;
        self.taken(&message_id).await;
    }

    pub(crate) async fn publish<E: Event>(&self, event: &E) -> String {
        let message_id = Uuid::new_v4().to_string();
        let outgoing = Outgoing::of(message_id.clone(), event).unwrap();
        self.bus.publish(outgoing).await.unwrap();
        message_id
    }

    /// Waits until a message is claimed.
    pub(crate) async fn taken(&self, message_id: &str) {
        let mut db = self.owner().await;
        eventually("the message is taken", async || {
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM scoring.inbox WHERE message_id = $1)")
                .bind(message_id)
                .fetch_one(&mut db)
                .await
                .unwrap()
        })
        .await;
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        self.database.owner().await
    }

    /// The next message that nobody could take.
    pub(crate) async fn buried(&self) -> Delivery {
        soon(self.dead.lock().await.next()).await.unwrap()
    }

    /// The scores that move from now on.
    pub(crate) async fn moves(&self) -> Moves {
        self.told().await;
        Moves {
            deliveries: follow(&self.bus, subjects::all_scores()).await,
            waiting: Vec::new(),
        }
    }
}

/// Scores as they move.
pub(crate) struct Moves {
    deliveries: BoxStream<'static, Delivery>,
    waiting: Vec<ScoreChange>,
}

impl Moves {
    pub(crate) async fn next(&mut self) -> ScoreChange {
        while self.waiting.is_empty() {
            let delivery = soon(self.deliveries.next()).await.unwrap();
            self.waiting = delivery.decode::<ScoreChanged>().unwrap().changes;
            self.waiting.reverse();
        }
        self.waiting.pop().unwrap()
    }
}

async fn follow(bus: &Bus, subject: Subject) -> BoxStream<'static, Delivery> {
    let deliveries = bus.watch(vec![subject], WatchFrom::New).await;
    deliveries.unwrap().boxed()
}

/// What has to come within half a minute.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .expect("it comes soon")
}
