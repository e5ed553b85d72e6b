//! Notices a consumer that has messages waiting and gets none.

use std::time::Duration;

use async_nats::jetstream::consumer::{Info, PullConsumer};
use tokio::time::Instant;

use super::spec::ConsumerSpec;

/// How long a consumer may get nothing while messages wait.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);
/// How often the lag is read.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Watchdog {
    progress: Instant,
    looked: Option<Instant>,
}

impl Watchdog {
    pub(super) fn new() -> Self {
        Self {
            progress: Instant::now(),
            looked: None,
        }
    }

    /// Messages came.
    pub(super) fn fed(&mut self) {
        self.progress = Instant::now();
    }

    /// Reads and exports the lag now and then; whether the consumer starves beside waiting messages.
    pub(super) async fn is_starving(
        &mut self,
        consumer: &PullConsumer,
        spec: &ConsumerSpec,
    ) -> bool {
        if self
            .looked
            .is_some_and(|looked| looked.elapsed() < LOOK_EVERY)
        {
            return false;
        }
        self.looked = Some(Instant::now());
        let Ok(info) = consumer.get_info().await else {
            return self.progress.elapsed() > LONGEST_SILENCE;
        };
        export(&info, spec);
        // At its limit of messages under way the server rightly holds the others back.
        let held_back =
            i64::try_from(info.num_ack_pending).unwrap_or(i64::MAX) >= spec.max_ack_pending();
        if info.num_pending == 0 || held_back {
            self.progress = Instant::now();
        }
        self.progress.elapsed() > LONGEST_SILENCE
    }
}

fn export(info: &Info, spec: &ConsumerSpec) {
    let count = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    metrics::gauge!("harken_bus_lag", "consumer" => spec.name).set(count(info.num_pending));
    let under_way = u64::try_from(info.num_ack_pending).unwrap_or(u64::MAX);
    metrics::gauge!("harken_bus_under_way", "consumer" => spec.name).set(count(under_way));
}
