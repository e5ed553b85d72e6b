use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Notification, Poster, Story, Truth, request};
use crate::deployment::Workspace;
use crate::ledger::{Attempt, Ledger};

/// What was not taken is sent again after this time; Intercom's own minute would only make tests long.
const AGAIN_AFTER: Duration = Duration::from_millis(500);
/// What is not taken by then never will be.
const GIVEN_UP_AFTER: Duration = Duration::from_mins(2);

/// How notifications are sent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// New ones a second.
    pub per_sec: u32,
    /// Connections over which they are sent.
    pub senders: u32,
}

/// Notifications on their way, as long as this lives.
#[derive(Debug)]
pub struct Traffic {
    shared: Arc<Mutex<Shared>>,
    senders: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    workspace: Workspace,
    story: Story,
    ledger: Ledger,
    began_at: Instant,
    between: Duration,
    /// Turns of sending so far.
    turns: u32,
    again: VecDeque<(Instant, usize)>,
    under_way: u32,
    is_ending: bool,
}

/// What a sender does next.
enum Turn {
    Send(Instant, Again),
    Wait,
    End,
}

/// The place in the ledger of what is sent again; none for what is new.
type Again = Option<usize>;

impl Traffic {
    /// Begins to send what happens in a story.
    pub fn begin(edge: SocketAddr, workspace: &Workspace, story: Story, pace: Pace) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            workspace: workspace.clone(),
            story,
            ledger: Ledger::default(),
            began_at: Instant::now(),
            between: Duration::from_secs(1) / pace.per_sec,
            turns: 0,
            again: VecDeque::new(),
            under_way: 0,
            is_ending: false,
        }));
        let mut senders = JoinSet::new();
        for _ in 0..pace.senders {
            senders.spawn(send(Arc::clone(&shared), Poster::new(edge)));
        }
        Self { shared, senders }
    }

    /// Notifications that were made so far.
    pub fn sent(&self) -> usize {
        lock(&self.shared).ledger.entries().len()
    }

    /// Makes no new ones, sends again what was not taken until it is, and answers what was sent and is true.
    pub async fn end(mut self) -> Result<(Ledger, Truth)> {
        lock(&self.shared).is_ending = true;
        let ended = async { while self.senders.join_next().await.is_some() {} };
        if tokio::time::timeout(GIVEN_UP_AFTER, ended).await.is_err() {
            bail!(
                "{} notifications were never taken",
                lock(&self.shared).again.len()
            );
        }
        let mut shared = lock(&self.shared);
        let truth = shared.story.truth().clone();
        Ok((std::mem::take(&mut shared.ledger), truth))
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn send(shared: Arc<Mutex<Shared>>, mut poster: Poster) {
    loop {
        let turn = lock(&shared).turn();
        let (due, again) = match turn {
            Turn::Send(due, again) => (due, again),
            Turn::Wait => {
                sleep(Duration::from_millis(10)).await;
                continue;
            }
            Turn::End => return,
        };
        sleep_until(due).await;
        let (place, bytes) = lock(&shared).take(again);
        let sent_at = Instant::now();
        let (answer, took) = poster.send(&bytes).await;
        let attempt = Attempt {
            sent_at,
            took,
            answer,
        };
        lock(&shared).note(place, attempt);
    }
}

impl Shared {
    fn turn(&mut self) -> Turn {
        let now = Instant::now();
        if let Some((due, place)) = self.again.front().copied()
            && (due <= now || self.is_ending)
        {
            self.again.pop_front();
            self.under_way += 1;
            return Turn::Send(due, Some(place));
        }
        match (self.is_ending, self.under_way) {
            (true, 0) => Turn::End,
            (true, _) => Turn::Wait,
            (false, _) => {
                let due = self.began_at + self.between * self.turns;
                self.turns += 1;
                self.under_way += 1;
                Turn::Send(due, None)
            }
        }
    }

    fn take(&mut self, again: Again) -> (usize, Vec<u8>) {
        let place = again.unwrap_or_else(|| {
            let notification = self.story.tell();
            self.ledger.open(notification)
        });
        let Notification { body, .. } = &self.ledger.entries()[place].notification;
        let bytes = request(&self.workspace.path(), &self.workspace.secret, body);
        (place, bytes)
    }

    fn note(&mut self, place: usize, attempt: Attempt) {
        let is_taken = attempt.is_success();
        self.ledger.note(place, attempt);
        self.under_way -= 1;
        if !is_taken {
            self.again.push_back((Instant::now() + AGAIN_AFTER, place));
        }
    }
}
