//! Outbox, bus and inbox together: one effect per event, whatever happens in between.

use std::pin::pin;

use futures::StreamExt as _;
use harken_bus::{Delivery, Disposition, Handler, Lag, Outgoing, WatchFrom};
use harken_contracts::subjects::{self, Stream};
use harken_runtime::Shutdown;
use harken_testkit::{Database, SpanLog, TestBus, eventually, eventually_some};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::house::{Running, Tallying, effects, event, post, spec, tally, waiting};

const EVENTS: i64 = 200;

fn names() -> Vec<String> {
    (0..EVENTS).map(|number| format!("c{number}")).collect()
}

#[tokio::test]
async fn events_have_one_effect_each_through_two_relays_and_two_consumers() {
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let store = database.store().await;
    let running = Running::new();
    for _ in 0..2 {
        running.relay(&store, &bus);
        running.tallying(&store, &bus);
    }
    for chunk in names().chunks(20) {
        post(&store, chunk).await;
    }
    eventually("all had their effect", async || {
        effects(&store).await.1 == EVENTS
    })
    .await;
    running.stop().await;
    assert_eq!(effects(&store).await, (EVENTS, EVENTS));
}

#[tokio::test]
async fn a_relay_killed_between_publishing_and_deleting_stores_nothing_twice() {
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let store = database.store().await;
    post(&store, &names()).await;
    publish_without_deleting(&store, &bus).await;
    assert_eq!(
        waiting(&store).await,
        EVENTS,
        "the killed relay deleted nothing"
    );

    let running = Running::new();
    running.relay(&store, &bus);
    eventually("the outbox is empty", async || waiting(&store).await == 0).await;
    bus.publish(Outgoing::of("last", &event("last")).unwrap())
        .await
        .unwrap();
    let all = bus
        .watch(vec![subjects::all_records()], WatchFrom::Beginning)
        .await
        .unwrap();
    let all = pin!(all);
    let until_last = all.take_while(|delivery| std::future::ready(delivery.message_id != "last"));
    assert_eq!(until_last.count().await, names().len());
    running.stop().await;
}

#[tokio::test]
async fn a_consumer_killed_between_commit_and_acknowledgement_has_no_second_effect() {
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let store = database.store().await;
    let outgoing = names()
        .into_iter()
        .map(|name| Outgoing::of(name.clone(), &event(&name)).unwrap());
    bus.publish_all(outgoing.collect()).await;
    let handler = Forgetful(Tallying {
        store: store.clone(),
    });
    let (shutdown, trigger) = Shutdown::manual();
    let consuming = bus.consume(spec(), handler, shutdown);
    tokio::join!(consuming, async {
        eventually("all came twice", async || {
            let lag = bus.lag(Stream::Record, "tally-records").await;
            lag.is_ok_and(Lag::is_none)
        })
        .await;
        trigger.pull();
    });
    assert_eq!(effects(&store).await, (EVENTS, EVENTS));
}

#[tokio::test]
async fn an_effect_is_in_the_trace_of_its_cause() {
    let log = SpanLog::open();
    let (database, bus) = (Database::create(tally()).await, TestBus::open().await);
    let store = database.store().await;
    let running = Running::new();
    running.relay(&store, &bus);
    running.tallying(&store, &bus);
    let cause = tracing::info_span!("test.cause");
    post(&store, &["acme".to_owned()]).instrument(cause).await;

    let cause = eventually_some("the cause", async || {
        log.named("test.cause", |_| true).pop()
    })
    .await;
    let effect = eventually_some("the effect", async || {
        let trace = cause.span_context.trace_id();
        log.named("bus.batch.handle", |span| {
            span.span_context.trace_id() == trace
        })
        .pop()
    })
    .await;
    assert_eq!(effect.parent_span_id, cause.span_context.span_id());
    running.stop().await;
}

/// Commits, and forgets to say so the first time.
struct Forgetful(Tallying);

impl Handler for Forgetful {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let dispositions = self.0.handle(batch).await;
        let second = |(delivery, disposition): (&Delivery, Disposition)| match delivery.deliveries {
            1 => Disposition::again("forgotten"),
            _ => disposition,
        };
        batch.iter().zip(dispositions).map(second).collect()
    }
}

/// Does what a relay does up to the moment in which it is killed.
async fn publish_without_deleting(store: &harken_store::Store, bus: &TestBus) {
    let rows: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT message_id, subject FROM outbox ORDER BY sequence")
            .fetch_all(store.pool())
            .await
            .unwrap();
    let names = names();
    let outgoing = rows.iter().zip(&names).map(|((id, subject), name)| {
        let outgoing = Outgoing::of(id.to_string(), &event(name)).unwrap();
        assert_eq!(outgoing.subject.as_str(), subject);
        outgoing
    });
    for stored in bus.publish_all(outgoing.collect()).await {
        assert!(!stored.unwrap().duplicate);
    }
}
