use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use harken_bus::{ConsumerSpec, Delivery, Disposition, Handler, Outgoing, WatchFrom, headers};
use harken_contracts::subjects::{Stream as Kept, Subject};
use harken_runtime::{Shutdown, Tasks};
use harken_testkit::{TestBus, eventually};

use crate::house::{Working, company, connection, done, spec};

async fn the_dead(bus: &TestBus) -> impl Stream<Item = Delivery> + Unpin {
    let pattern = Subject::from_wire(Kept::Dead.subjects()[0]);
    Box::pin(
        bus.watch(vec![pattern], WatchFrom::Beginning)
            .await
            .unwrap(),
    )
}

fn header<'d>(delivery: &'d Delivery, name: &str) -> &'d str {
    let found = delivery.headers.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

#[tokio::test]
async fn a_poisonous_message_dies_alone_and_whole() {
    let bus = TestBus::open().await;
    let names: Vec<_> = (0..30).map(|number| format!("c{number}")).collect();
    bus.publish_all(names.iter().map(|name| company(name)).collect())
        .await;
    let working = Working::start(&bus, spec(), |delivery| {
        assert_ne!(delivery.message_id, "c7", "poison");
        Disposition::Done
    });
    let dead = the_dead(&bus).await.next().await.unwrap();
    assert_eq!(header(&dead, "harken-dead-message"), "c7");
    assert_eq!(header(&dead, "harken-dead-reason"), "panic");
    assert_eq!(header(&dead, "harken-dead-consumer"), "house-records");
    assert_eq!(header(&dead, "harken-dead-deliveries"), "3");
    assert!(header(&dead, "harken-dead-subject").starts_with("harken.record.v1."));
    assert_eq!(header(&dead, headers::EVENT), "record.v1.changed");
    assert_eq!(dead.payload, company("c7").payload);
    assert_eq!(
        dead.subject.as_str(),
        format!("harken.dead.v1.house.panic.{}", connection())
    );

    bus.publish(company("after")).await.unwrap();
    eventually("others are taken", async || {
        working.handler.counts().contains_key("after")
    })
    .await;
    let counts = working.stop().await.counts();
    assert_eq!(counts["c7"], 4, "once in its batch, three times alone");
    let others = names.iter().filter(|name| *name != "c7");
    assert!(
        others.into_iter().all(|name| counts.contains_key(name)),
        "{counts:?}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_dead_at_once() {
    let bus = TestBus::open().await;
    let broken = Outgoing {
        payload: Bytes::from_static(&[0xff, 0xff, 0xff]),
        ..company("broken")
    };
    let mut foreign = company("foreign");
    foreign
        .headers
        .retain(|(name, _)| name != headers::CONNECTION);
    let mut other_type = company("other-type");
    for (name, value) in &mut other_type.headers {
        if name == headers::EVENT {
            "score.v1.changed".clone_into(value);
        }
    }
    bus.publish_all(vec![broken, foreign, other_type, company("sound")])
        .await;
    let working = Working::start(&bus, spec(), done);
    // A message that names no connection is buried under none, so it is not among those that can be read.
    let dead: Vec<_> = the_dead(&bus).await.take(2).collect().await;
    let mut verdicts: Vec<_> = dead
        .iter()
        .map(|dead| {
            (
                header(dead, "harken-dead-message"),
                header(dead, "harken-dead-reason"),
            )
        })
        .collect();
    verdicts.sort_unstable();
    assert_eq!(
        verdicts,
        [("broken", "undecodable"), ("other-type", "undecodable")]
    );
    let counts = working.stop().await.counts();
    assert_eq!(counts["sound"], 1);
    assert!(
        !counts.contains_key("foreign"),
        "no handler sees what is not ours"
    );
}

#[tokio::test]
async fn a_message_that_keeps_asking_for_another_attempt_is_dead_in_the_end() {
    let bus = TestBus::open().await;
    bus.publish(company("never")).await.unwrap();
    let spec = ConsumerSpec {
        attempts: 2,
        ..spec()
    };
    let working = Working::start(&bus, spec, |_| Disposition::again("the moon is not full"));
    let dead = the_dead(&bus).await.next().await.unwrap();
    assert_eq!(header(&dead, "harken-dead-reason"), "exhausted");
    assert_eq!(header(&dead, "harken-dead-error"), "the moon is not full");
    assert_eq!(working.stop().await.counts()["never"], 2);
}

#[tokio::test]
async fn a_handler_that_hangs_on_one_message_does_not_keep_the_others() {
    let bus = TestBus::open().await;
    bus.publish_all(vec![company("good"), company("hangs"), company("fine")])
        .await;
    let spec = ConsumerSpec {
        patience: Duration::from_millis(200),
        ..spec()
    };
    let (shutdown, trigger) = Shutdown::manual();
    let tasks = Tasks::new(shutdown.clone());
    let consuming = bus.bus();
    tasks.spawn("consumer", async move {
        consuming.consume(spec, Hanging, shutdown).await;
    });
    let dead = the_dead(&bus).await.next().await.unwrap();
    assert_eq!(header(&dead, "harken-dead-message"), "hangs");
    assert_eq!(header(&dead, "harken-dead-reason"), "stuck");
    trigger.pull();
    assert!(
        tasks
            .drain(Duration::from_secs(20))
            .await
            .unfinished
            .is_empty()
    );
}

struct Hanging;

impl Handler for Hanging {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        if batch.iter().any(|delivery| delivery.message_id == "hangs") {
            std::future::pending::<()>().await;
        }
        vec![Disposition::Done; batch.len()]
    }
}
