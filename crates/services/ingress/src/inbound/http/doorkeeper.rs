use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a guest may take for what it does, by phase. A request is whole within nine seconds of its first byte, so
/// that who trickles is gone within ten.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
pub(super) const REQUEST_WITHIN: Duration = Duration::from_secs(9);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const IDLE_WITHIN: Duration = Duration::from_mins(1);
/// How long a guest is left alone although all places are taken.
const SPARED_FOR: Duration = Duration::from_secs(1);

/// What a guest is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has come, or has begun to send a head.
    Head,
    /// It sends a body.
    Body,
    /// It waits for an answer.
    Answer,
    /// It has been answered and says nothing.
    Idle,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Head, Self::Body, Self::Answer, Self::Idle];

    const fn within(self) -> Duration {
        match self {
            Self::Head => HEAD_WITHIN,
            // A body that is too slow is told so by whoever reads it.
            Self::Body => REQUEST_WITHIN.saturating_add(Duration::from_secs(1)),
            Self::Answer => ANSWER_WITHIN,
            Self::Idle => IDLE_WITHIN,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Answer => "answer",
            Self::Idle => "idle",
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Guest {
    id: u64,
    came: Instant,
    /// The phase, and since when in milliseconds after it came.
    state: AtomicU64,
    shown_out: Notify,
}

impl Guest {
    pub(super) fn enter(&self, phase: Phase) {
        let since = u64::try_from(self.came.elapsed().as_millis()).unwrap_or(u64::MAX >> 2);
        self.state
            .store((since << 2) | phase as u64, Ordering::Relaxed);
    }

    pub(super) fn phase(&self) -> Phase {
        Phase::ALL[(self.state.load(Ordering::Relaxed) & 3) as usize]
    }

    /// Since when it has been in its phase.
    pub(super) fn since(&self) -> Instant {
        self.came + Duration::from_millis(self.state.load(Ordering::Relaxed) >> 2)
    }

    /// Ends when the guest has to go.
    pub(super) async fn shown_out(&self) {
        self.shown_out.notified().await;
    }

    fn show_out(&self) {
        metrics::counter!("harken_ingress_cut_total", "phase" => self.phase().as_str())
            .increment(1);
        self.shown_out.notify_one();
    }
}

/// Lets in no more than there is room for, and shows out who takes too long.
#[derive(Debug)]
pub(super) struct Doorkeeper {
    most: usize,
    next: AtomicU64,
    guests: Mutex<HashMap<u64, Arc<Guest>>>,
    left: Notify,
}

impl Doorkeeper {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            next: AtomicU64::new(0),
            guests: Mutex::default(),
            left: Notify::new(),
        }
    }

    pub(super) fn let_in(&self) -> Arc<Guest> {
        let guest = Arc::new(Guest {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            came: Instant::now(),
            state: AtomicU64::new(Phase::Head as u64),
            shown_out: Notify::new(),
        });
        let mut guests = self.guests();
        guests.insert(guest.id, Arc::clone(&guest));
        measure(guests.len());
        guest
    }

    pub(super) fn left(&self, guest: &Guest) {
        let mut guests = self.guests();
        guests.remove(&guest.id);
        measure(guests.len());
        self.left.notify_waiters();
    }

    /// Waits until there is a place. Where there is none, who has been sending for longest makes one, and after these
    /// who says nothing.
    pub(super) async fn place(&self) {
        while self.guests().len() >= self.most {
            let left = self.left.notified();
            self.show_one_out();
            tokio::select! {
                () = left => {}
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    }

    pub(super) fn show_one_out(&self) {
        let guests = self.guests();
        let spared = guests
            .values()
            .filter(|guest| guest.phase() != Phase::Answer && guest.since().elapsed() > SPARED_FOR);
        if let Some(guest) =
            spared.min_by_key(|guest| (guest.phase() == Phase::Idle, guest.since()))
        {
            guest.show_out();
        }
    }

    /// Shows out who takes too long, for ever.
    pub(super) async fn keep_watch(&self) {
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            for guest in self.guests().values() {
                if guest.since().elapsed() > guest.phase().within() {
                    guest.show_out();
                }
            }
        }
    }

    /// Waits until everybody has left.
    pub(super) async fn all_left(&self) {
        loop {
            let left = self.left.notified();
            if self.guests().is_empty() {
                return;
            }
            tokio::select! {
                () = left => {}
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
    }

    pub(super) fn show_all_out(&self) {
        self.guests().values().for_each(|guest| guest.show_out());
    }

    fn guests(&self) -> MutexGuard<'_, HashMap<u64, Arc<Guest>>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn measure(guests: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("harken_ingress_connections").set(guests as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_slowest_sender_makes_room_and_after_it_who_is_silent() {
        let doorkeeper = Doorkeeper::new(3);
        let silent = doorkeeper.let_in();
        silent.enter(Phase::Idle);
        tokio::time::advance(Duration::from_secs(1)).await;
        let slow = doorkeeper.let_in();
        tokio::time::advance(Duration::from_secs(2)).await;
        let answered = doorkeeper.let_in();
        answered.enter(Phase::Answer);
        doorkeeper.show_one_out();
        slow.shown_out().await;
        doorkeeper.left(&slow);
        doorkeeper.show_one_out();
        silent.shown_out().await;
        doorkeeper.left(&silent);
        doorkeeper.place().await;
        doorkeeper.left(&answered);
        doorkeeper.all_left().await;
    }

    #[tokio::test(start_paused = true)]
    async fn each_phase_has_its_time() {
        for (phase, secs) in [
            (Phase::Head, 5),
            (Phase::Body, 10),
            (Phase::Answer, 10),
            (Phase::Idle, 60),
        ] {
            let doorkeeper = Doorkeeper::new(1);
            let guest = doorkeeper.let_in();
            guest.enter(phase);
            let begun = Instant::now();
            tokio::select! {
                () = guest.shown_out() => {}
                () = doorkeeper.keep_watch() => {}
            }
            let stayed = begun.elapsed();
            assert!(stayed >= Duration::from_secs(secs) && stayed < Duration::from_secs(secs + 1));
        }
    }
}
