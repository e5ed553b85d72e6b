use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, ReplayPolicy, pull};
use harken_contracts::subjects::{Stream, Subject};

use crate::names::Prefix;

/// A durable consumer: who reads what, and how much at once.
#[derive(Clone, Debug)]
pub struct ConsumerSpec {
    /// `<service>-<what>`, such as `scoring-records`; never changes, for the server remembers its place by it.
    pub name: &'static str,
    /// The stream it reads.
    pub stream: Stream,
    /// The subjects of the stream it reads.
    pub filters: Vec<Subject>,
    /// Most messages handed over at once.
    pub batch: usize,
    /// How long a batch may wait to fill up once its first message is there.
    pub max_wait: Duration,
    /// How long the handler may take over a batch before it counts as stuck.
    pub patience: Duration,
    /// How long the server waits for a sign of life before it delivers a message again.
    pub ack_wait: Duration,
    /// Deliveries after which a message that still asks for another is dead.
    pub attempts: u64,
}

impl ConsumerSpec {
    /// Batches of 64 without waiting to fill, two minutes of patience, signs of life within 30 seconds, 60 attempts (about two hours of them).
    pub fn new(name: &'static str, stream: Stream, filters: Vec<Subject>) -> Self {
        Self {
            name,
            stream,
            filters,
            batch: 64,
            max_wait: Duration::ZERO,
            patience: Duration::from_mins(2),
            ack_wait: Duration::from_secs(30),
            attempts: 60,
        }
    }

    pub(super) fn config(&self, prefix: &Prefix, deliver_policy: DeliverPolicy) -> pull::Config {
        pull::Config {
            durable_name: Some(self.name.to_owned()),
            filter_subjects: self
                .filters
                .iter()
                .map(|f| prefix.subject(f.as_str()))
                .collect(),
            deliver_policy,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.ack_wait,
            // A net under our own count, for messages that kill the process before it can count.
            max_deliver: i64::try_from(self.attempts + 20).unwrap_or(i64::MAX),
            max_ack_pending: self.max_ack_pending(),
            replay_policy: ReplayPolicy::Instant,
            ..pull::Config::default()
        }
    }

    /// Messages that wait for their next attempt count too, so this is many batches.
    pub(super) fn max_ack_pending(&self) -> i64 {
        i64::try_from(self.batch * 32).unwrap_or(i64::MAX).max(4096)
    }
}
