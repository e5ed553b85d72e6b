//! Two schemas, and a service that tallies the effects of messages.

use harken_bus::{Bus, ConsumerSpec, Delivery, Disposition, Handler};
use harken_contracts::subjects::{self, Stream};
use harken_contracts::wire::events::v1::RecordChanged;
use harken_contracts::wire::events::v1::record_change::Record;
use harken_domain::{ConnectionId, OrganizationId};
use harken_runtime::{Shutdown, Tasks, Trigger};
use harken_store::outbox::{self, Relay};
use harken_store::{SchemaMigrations, Store, inbox};
use harken_testkit::records;

pub(crate) fn tally() -> SchemaMigrations {
    SchemaMigrations {
        schema: "tally",
        migrator: sqlx::migrate!("tests/migrations/tally"),
    }
}

pub(crate) fn other() -> SchemaMigrations {
    SchemaMigrations {
        schema: "other",
        migrator: sqlx::migrate!("tests/migrations/other"),
    }
}

pub(crate) fn event(name: &str) -> RecordChanged {
    let organization = OrganizationId::derive(&[b"house"]);
    let connection = ConnectionId::derive(&[b"house"]);
    let record = Record::Company(records::company(name));
    records::changed(organization, connection, vec![record])
}

/// The name of the company in an event.
pub(crate) fn name_in(delivery: &Delivery) -> String {
    let event: RecordChanged = delivery.decode().unwrap();
    match event
        .changes
        .into_iter()
        .next()
        .and_then(|change| change.record)
    {
        Some(Record::Company(company)) => company.external_id,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn post(store: &Store, names: &[String]) {
    let events: Vec<_> = names.iter().map(|name| event(name)).collect();
    let mut tx = store.begin().await.unwrap();
    outbox::post(&mut tx, &events).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn waiting(store: &Store) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM outbox")
        .fetch_one(store.pool())
        .await
        .unwrap()
}

/// How many effects there were, and how many messages had one.
pub(crate) async fn effects(store: &Store) -> (i64, i64) {
    sqlx::query_as("SELECT count(*), count(DISTINCT message_id) FROM tally.effects")
        .fetch_one(store.pool())
        .await
        .unwrap()
}

pub(crate) fn spec() -> ConsumerSpec {
    ConsumerSpec::new(
        "tally-records",
        Stream::Record,
        vec![subjects::all_records()],
    )
}

/// Tallies each message in the transaction that claims it.
#[derive(Clone)]
pub(crate) struct Tallying {
    pub(crate) store: Store,
}

impl Tallying {
    async fn tally(&self, batch: &[Delivery]) -> Result<(), sqlx::Error> {
        let ids: Vec<_> = batch
            .iter()
            .map(|delivery| delivery.message_id.clone())
            .collect();
        let mut tx = self.store.begin().await?;
        let first = inbox::claim(&mut tx, "tally-records", &ids).await?;
        let fresh = ids
            .into_iter()
            .zip(first)
            .filter_map(|(id, first)| first.then_some(id));
        sqlx::query("INSERT INTO tally.effects SELECT unnest($1::text[])")
            .bind(fresh.collect::<Vec<_>>())
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}

impl Handler for Tallying {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        match self.tally(batch).await {
            Ok(()) => vec![Disposition::Done; batch.len()],
            Err(cause) => vec![Disposition::again(cause); batch.len()],
        }
    }
}

/// Tasks that end with the test.
pub(crate) struct Running {
    pub(crate) tasks: Tasks,
    shutdown: Shutdown,
    trigger: Trigger,
}

impl Running {
    pub(crate) fn new() -> Self {
        let (shutdown, trigger) = Shutdown::manual();
        Self {
            tasks: Tasks::new(shutdown.clone()),
            shutdown,
            trigger,
        }
    }

    pub(crate) fn relay(&self, store: &Store, bus: &Bus) {
        let relay = Relay::new(store.clone(), bus.clone());
        self.tasks.spawn("relay", relay.run(self.shutdown.clone()));
    }

    pub(crate) fn tallying(&self, store: &Store, bus: &Bus) {
        let handler = Tallying {
            store: store.clone(),
        };
        let (bus, shutdown) = (bus.clone(), self.shutdown.clone());
        self.tasks.spawn("tally", async move {
            bus.consume(spec(), handler, shutdown).await;
        });
    }

    pub(crate) async fn stop(self) {
        self.trigger.pull();
        let drained = self.tasks.drain(std::time::Duration::from_secs(20)).await;
        assert!(drained.unfinished.is_empty(), "{:?}", drained.unfinished);
    }
}
