use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use harken_system_tests::traffic::{Answer, Poster};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// What came of many requests.
#[derive(Debug)]
pub(super) struct Sent {
    /// Each until its answer was there: from when it was due, or from its beginning where none is.
    pub(super) took: Vec<Duration>,
    /// Answers that were not 2xx, and requests without an answer.
    pub(super) refused: usize,
    /// Kept in the spool, as the bus took too long.
    pub(super) spooled: usize,
    /// From the first request to the last answer.
    pub(super) lasted: Duration,
}

impl Sent {
    pub(super) fn per_sec(&self) -> f64 {
        self.took.len() as f64 / self.lasted.as_secs_f64()
    }
}

/// Sends requests over so many connections, each as soon as the one before is answered; or, with a rate, each when it
/// is due, and late ones count from then.
pub(super) async fn send(
    edge: SocketAddr,
    requests: Vec<Vec<u8>>,
    connections: usize,
    per_sec: Option<u32>,
) -> Result<Sent> {
    ensure!(!requests.is_empty(), "there is nothing to send");
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..connections {
        let sender = Sender {
            poster: Poster::new(edge),
            requests: Arc::clone(&requests),
            next: Arc::clone(&next),
            begun,
            between: per_sec.map(|per_sec| Duration::from_secs(1) / per_sec),
        };
        running.spawn(sender.run());
    }
    let (mut took, mut refused, mut spooled) = (Vec::with_capacity(requests.len()), 0, 0);
    while let Some(sent) = running.join_next().await {
        let one = sent?;
        took.extend(one.took);
        refused += one.refused;
        spooled += one.spooled;
    }
    Ok(Sent {
        took,
        refused,
        spooled,
        lasted: begun.elapsed(),
    })
}

struct Sender {
    poster: Poster,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    begun: Instant,
    between: Option<Duration>,
}

impl Sender {
    async fn run(mut self) -> Sent {
        let mut sent = Sent {
            took: Vec::new(),
            refused: 0,
            spooled: 0,
            lasted: Duration::ZERO,
        };
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = self.requests.get(number) else {
                return sent;
            };
            let due = self
                .between
                .map(|between| self.begun + between * u32::try_from(number).unwrap_or(u32::MAX));
            if let Some(due) = due {
                sleep_until(due).await;
            }
            let since = due.unwrap_or_else(Instant::now);
            let (answer, _) = self.poster.send(request).await;
            sent.took.push(since.elapsed());
            let answer = answer.ok().filter(Answer::is_success);
            sent.refused += usize::from(answer.is_none());
            let kept = answer.and_then(|answer| answer.kept);
            sent.spooled += usize::from(kept.as_deref() == Some("spool"));
        }
    }
}
