//! Tells notifications at a steady rate, whatever the answers do: who waits for answers measures himself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use harken_domain::Clock;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::deck::Deck;
use super::ledger::{Answer, Kept, Ledger};
use super::notification::{self, NotificationName};
use super::signature::Signer;
use super::story::{Story, World};
use crate::failure::Failure;

/// How long Intercom waits for an answer.
const INTERCOM_WAITS: Duration = Duration::from_secs(5);
/// How often what is due is looked for.
const TICK: Duration = Duration::from_millis(1);
/// Most requests under way; beyond, the edge is not answering, and more of them measure nothing.
const MOST_UNDER_WAY: usize = 50_000;
const STORED: &str = "harken-stored";

/// How a drill is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) per_second: f64,
    pub(super) length: Duration,
    /// After which time a failed one is sent once more; never if none.
    pub(super) retry_after: Option<Duration>,
}

/// What one request is made of.
pub(super) struct Wire {
    pub(super) http: Client,
    pub(super) address: Url,
    pub(super) signer: Signer,
    pub(super) workspace_id: String,
    pub(super) world: World,
    pub(super) drill: u64,
    pub(super) connections: Semaphore,
    pub(super) clock: Clock,
    pub(super) began_at: DateTime<Utc>,
}

/// A client that keeps its connections and gives up when Intercom would.
pub(super) fn http(connections: usize) -> Result<Client, Failure> {
    // Somebody else in the process may have chosen the same provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent("intercom-parrot-service-client/1.0")
        .http1_only()
        .pool_max_idle_per_host(connections)
        .timeout(INTERCOM_WAITS)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|cause| Failure::other(format!("no HTTP client: {cause}")))
}

/// Sends the deck's notifications, keeps the ledger, and calls `watch` now and then.
pub(super) async fn send(
    wire: Arc<Wire>,
    pace: Pace,
    deck: &mut Deck,
    ledger: &mut Ledger,
    mut watch: impl FnMut(&Ledger),
) {
    let mut sending = Sending {
        wire,
        under_way: JoinSet::new(),
        retries: BinaryHeap::new(),
        retry_after: pace.retry_after,
    };
    let began = Instant::now();
    let mut told: u64 = 0;
    let mut is_dealt = false;
    loop {
        let now = Instant::now();
        sending.retry(now, ledger);
        let elapsed = now - began;
        if elapsed >= pace.length {
            deck.close();
        }
        while !is_dealt && sending.under_way.len() < MOST_UNDER_WAY {
            let due = began + Duration::from_secs_f64(num(told) / pace.per_second);
            if due > now {
                break;
            }
            match deck.deal(ledger) {
                Some(number) => sending.launch(number, due, ledger),
                None => is_dealt = true,
            }
            told += 1;
        }
        sending.reap(ledger);
        if is_dealt && sending.is_done() {
            return;
        }
        watch(ledger);
        sleep(TICK).await;
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sends 2^52 notifications"
)]
const fn num(count: u64) -> f64 {
    count as f64
}

struct Sending {
    wire: Arc<Wire>,
    under_way: JoinSet<(u32, Answer)>,
    retries: BinaryHeap<Reverse<(Instant, u32)>>,
    retry_after: Option<Duration>,
}

impl Sending {
    fn launch(&mut self, number: u32, due: Instant, ledger: &mut Ledger) {
        let attempt = ledger.attempt(number);
        let entry = ledger.get(number);
        let wire = Arc::clone(&self.wire);
        self.under_way.spawn(async move {
            let answer = wire
                .tell(number, entry.customer, entry.step, attempt, due)
                .await;
            (number, answer)
        });
    }

    fn retry(&mut self, now: Instant, ledger: &mut Ledger) {
        while let Some(Reverse((due, number))) = self.retries.peek().copied()
            && due <= now
        {
            self.retries.pop();
            self.launch(number, due, ledger);
        }
    }

    fn reap(&mut self, ledger: &mut Ledger) {
        while let Some(ended) = self.under_way.try_join_next() {
            let Ok((number, answer)) = ended else {
                continue;
            };
            let is_wanted_again = ledger.answered(number, answer);
            if let (true, Some(after)) = (is_wanted_again, self.retry_after) {
                self.retries.push(Reverse((Instant::now() + after, number)));
            }
        }
    }

    fn is_done(&self) -> bool {
        self.under_way.is_empty() && self.retries.is_empty()
    }
}

impl Wire {
    async fn tell(
        &self,
        number: u32,
        customer: u32,
        step: u16,
        attempt: u8,
        due: Instant,
    ) -> Answer {
        let _connection = self.connections.acquire().await;
        let story = Story::of(self.world, customer);
        let name = NotificationName {
            drill: self.drill,
            number,
        };
        let step = &story.steps[usize::from(step)];
        let body = notification::body(&self.workspace_id, name, &story, step, attempt);
        let answered = self
            .http
            .post(self.address.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("accept", "application/json")
            .header("x-hub-signature", self.signer.sign(body.as_bytes()))
            .body(body)
            .send()
            .await;
        let took = due.elapsed();
        let at = (self.clock.now() - self.began_at).to_std();
        let (status, kept) = answered.map_or((None, Kept::Nowhere), |answer| {
            let status = answer.status();
            let kept = answer.headers().get(STORED);
            let kept = kept.and_then(|kept| kept.to_str().ok());
            let kept = if status.is_success() {
                kept_at(kept)
            } else {
                Kept::Nowhere
            };
            (Some(status.as_u16()), kept)
        });
        Answer {
            status,
            kept,
            took,
            at: at.unwrap_or_default(),
        }
    }
}

fn kept_at(place: Option<&str>) -> Kept {
    match place {
        Some("stream") => Kept::Stream,
        Some("spool") => Kept::Spool,
        Some("quarantine") => Kept::Quarantine,
        _ => Kept::Somewhere,
    }
}
