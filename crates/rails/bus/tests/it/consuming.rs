use std::time::Duration;

use harken_bus::{ConsumerSpec, Delivery, Disposition, Handler};
use harken_runtime::Shutdown;
use harken_testkit::{TestBus, eventually};

use crate::house::{Working, company, done, spec};

#[tokio::test]
async fn every_message_comes_once_and_a_restarted_consumer_goes_on_behind_it() {
    let bus = TestBus::open().await;
    let names: Vec<_> = (0..150).map(|number| format!("c{number}")).collect();
    bus.publish_all(names.iter().map(|name| company(name)).collect())
        .await;
    let working = Working::start(&bus, spec(), done);
    working.has_seen(150).await;
    assert_eq!(working.stop().await.seen(), names);

    bus.publish(company("later")).await.unwrap();
    let working = Working::start(&bus, spec(), done);
    working.has_seen(1).await;
    assert_eq!(working.stop().await.seen(), ["later"]);
}

#[tokio::test]
async fn a_message_that_cannot_be_taken_now_comes_again() {
    let bus = TestBus::open().await;
    bus.publish(company("early")).await.unwrap();
    bus.publish(company("ready")).await.unwrap();
    let working = Working::start(&bus, spec(), |delivery| {
        if delivery.message_id == "early" && delivery.deliveries == 1 {
            Disposition::again("not yet")
        } else {
            Disposition::Done
        }
    });
    eventually("it comes again", async || {
        working.handler.counts().get("early") == Some(&2)
    })
    .await;
    let handler = working.stop().await;
    assert_eq!(
        handler.counts().get("ready"),
        Some(&1),
        "the other is not held up"
    );
}

#[tokio::test]
async fn a_batch_is_not_larger_than_asked_for() {
    let bus = TestBus::open().await;
    bus.publish_all(
        (0..20)
            .map(|number| company(&format!("c{number}")))
            .collect(),
    )
    .await;
    let (shutdown, trigger) = Shutdown::manual();
    let spec = ConsumerSpec { batch: 8, ..spec() };
    let sizes = Sizes::default();
    let work = bus.consume(spec, sizes.clone(), shutdown);
    tokio::join!(work, async {
        eventually("all came", async || sizes.sum() == 20).await;
        trigger.pull();
    });
    assert!(
        sizes.all().iter().all(|size| *size <= 8),
        "{:?}",
        sizes.all()
    );
}

#[tokio::test]
async fn heartbeats_keep_a_message_while_it_is_worked_on() {
    let bus = TestBus::open().await;
    bus.publish(company("slow")).await.unwrap();
    let spec = ConsumerSpec {
        ack_wait: Duration::from_millis(600),
        ..spec()
    };
    let (shutdown, trigger) = Shutdown::manual();
    let sizes = Sizes {
        takes: Duration::from_secs(3),
        ..Sizes::default()
    };
    let work = bus.consume(spec.clone(), sizes.clone(), shutdown);
    tokio::join!(work, async {
        eventually("it is taken", async || sizes.sum() == 1).await;
        trigger.pull();
    });
    // Had it been delivered again meanwhile, it would still be there.
    bus.publish(company("next")).await.unwrap();
    let working = Working::start(&bus, spec, done);
    working.has_seen(1).await;
    assert_eq!(working.stop().await.seen(), ["next"]);
}

/// Writes down how large the batches are, after taking its time.
#[derive(Clone, Default)]
struct Sizes {
    takes: Duration,
    sizes: std::sync::Arc<std::sync::Mutex<Vec<usize>>>,
}

impl Sizes {
    fn all(&self) -> Vec<usize> {
        self.sizes.lock().unwrap().clone()
    }

    fn sum(&self) -> usize {
        self.all().iter().sum()
    }
}

impl Handler for Sizes {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        tokio::time::sleep(self.takes).await;
        self.sizes.lock().unwrap().push(batch.len());
        vec![Disposition::Done; batch.len()]
    }
}
