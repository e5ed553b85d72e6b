use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use harken_domain::ConnectionId;
use harken_intercom::{BudgetHeaders, Priority};
use harken_store::Store;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use crate::outbound::postgres::rate_windows;
use crate::rules::budget::{Claim, Decision, Grant, Member};

/// The order in which waiters are served; within a priority, first come, first served.
const ORDER: [Priority; 3] = [Priority::Interactive, Priority::Repair, Priority::Backfill];

/// How long the store may take to reserve; then the process takes its part without it.
const RESERVE_WITHIN: Duration = Duration::from_secs(1);

/// The rate budget of one connection, shared by all who call through it.
pub(crate) struct Budget {
    state: Mutex<State>,
    look_again: watch::Sender<Look>,
    sharing: Option<Sharing>,
}

/// Where processes share the windows of a connection.
#[derive(Clone)]
pub(crate) struct Sharing {
    pub store: Store,
    pub connection: ConnectionId,
    /// This process.
    pub process: Uuid,
}

struct State {
    member: Member,
    waiting: [VecDeque<oneshot::Sender<Permit>>; 3],
    reservation: Reservation,
}

/// What somebody who waits has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    /// When to look again; none as long as an answer is awaited.
    at: Option<Instant>,
    /// Whether to reserve.
    reserves: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reservation {
    None,
    /// For those who wait with this priority.
    Due(Priority),
    Going,
}

/// A reservation that is being made by one of those who wait.
struct Errand<'b> {
    budget: &'b Arc<Budget>,
    sharing: Sharing,
    claim: Claim,
}

/// Leave to send one request. Dropped before it was sent it is given back; after, the request counts as lost.
pub(crate) struct Permit {
    budget: Arc<Budget>,
    fate: Fate,
}

enum Fate {
    Unsent,
    Sent,
    Settled,
}

impl Budget {
    /// Of a connection that no other process uses.
    pub(crate) fn alone() -> Arc<Self> {
        Self::new(Member::alone(Instant::now().into_std()), None)
    }

    pub(crate) fn shared(sharing: Sharing) -> Arc<Self> {
        Self::new(Member::new(Instant::now().into_std()), Some(sharing))
    }

    fn new(member: Member, sharing: Option<Sharing>) -> Arc<Self> {
        let state = State {
            member,
            waiting: Default::default(),
            reservation: Reservation::None,
        };
        Arc::new(Self {
            state: Mutex::new(state),
            look_again: watch::Sender::new(Look::default()),
            sharing,
        })
    }

    /// Waits for leave to send a request.
    pub(crate) async fn acquire(self: &Arc<Self>, priority: Priority) -> Permit {
        let mut look_again = self.look_again.subscribe();
        let mut granted = self.queue(priority);
        self.serve();
        loop {
            // Whoever takes an errand ends it: what it reserves would lapse unused.
            while let Some(errand) = self.errand() {
                errand.run().await;
            }
            let next_look = look_again.borrow_and_update().at;
            tokio::select! {
                biased;
                permit = &mut granted => match permit {
                    Ok(permit) => return permit,
                    // A queue never drops a waiter that listens.
                    Err(_) => granted = self.queue(priority),
                },
                _ = look_again.changed() => {}
                () = until(next_look) => self.serve(),
            }
        }
    }

    /// Learns what another budget of the same workspace knows of its limit; what it knows itself stands.
    pub(crate) fn acquaint(self: &Arc<Self>, other: &Self) {
        let known = other.state().member.clone();
        self.settle(|member| member.acquaint(&known));
    }

    /// Whether it may be forgotten without loss.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state();
        state.member.is_idle(Instant::now().into_std())
            && state.waiting.iter().all(VecDeque::is_empty)
    }

    fn queue(&self, priority: Priority) -> oneshot::Receiver<Permit> {
        let (waiter, granted) = oneshot::channel();
        self.state().waiting[rank(priority)].push_back(waiter);
        granted
    }

    /// Hands out what may go now.
    fn serve(self: &Arc<Self>) {
        let mut state = self.state();
        let next_look = state.serve(self);
        drop(state);
        self.look_again.send_if_modified(|known| {
            let changed = *known != next_look;
            *known = next_look;
            changed
        });
    }

    /// Takes a reservation upon itself that has to be made, unless somebody has.
    fn errand(self: &Arc<Self>) -> Option<Errand<'_>> {
        let sharing = self.sharing.clone()?;
        let mut state = self.state();
        let Reservation::Due(priority) = state.reservation else {
            return None;
        };
        state.reservation = Reservation::Going;
        let waiting = state.waiting[rank(priority)].len();
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        let claim = state.member.claim(priority, waiting);
        Some(Errand {
            budget: self,
            sharing,
            claim,
        })
    }

    fn settle(self: &Arc<Self>, settle: impl FnOnce(&mut Member)) {
        settle(&mut self.state().member);
        self.serve();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Answers when to look again. Whoever stands lower may take no more than who stands above, so the first that has to
    /// wait ends the round.
    fn serve(&mut self, budget: &Arc<Budget>) -> Look {
        if self.reservation != Reservation::Going {
            self.reservation = Reservation::None;
        }
        let at = self.serve_in_order(budget);
        Look {
            at,
            reserves: matches!(self.reservation, Reservation::Due(_)),
        }
    }

    fn serve_in_order(&mut self, budget: &Arc<Budget>) -> Option<Instant> {
        let now = Instant::now().into_std();
        for priority in ORDER {
            let queue = &mut self.waiting[rank(priority)];
            while let Some(waiter) = queue.pop_front() {
                if waiter.is_closed() {
                    continue;
                }
                let look_again = match self.member.ask(now, priority) {
                    Decision::Permit => {
                        let permit = Permit {
                            budget: budget.clone(),
                            fate: Fate::Unsent,
                        };
                        if let Err(mut permit) = waiter.send(permit) {
                            permit.fate = Fate::Settled;
                            self.member.give_back();
                        }
                        continue;
                    }
                    Decision::Until(at) => Some(Instant::from_std(at)),
                    Decision::OnAnswer => None,
                    Decision::Reserve => {
                        if self.reservation == Reservation::None {
                            self.reservation = Reservation::Due(priority);
                        }
                        None
                    }
                };
                queue.push_front(waiter);
                return look_again;
            }
        }
        None
    }
}

impl Errand<'_> {
    async fn run(self) {
        let reserved = timeout(RESERVE_WITHIN, self.sharing.reserve(&self.claim)).await;
        let now = Instant::now().into_std();
        let mut state = self.budget.state();
        if let Ok(Ok(grant)) = reserved {
            state.member.granted(now, &grant);
        } else {
            // Whoever writes to the store meets the same trouble and says so.
            metrics::counter!("harken_vault_budget_unshared_total").increment(1);
            state.member.unreachable(now);
        }
    }
}

impl Drop for Errand<'_> {
    fn drop(&mut self) {
        self.budget.state().reservation = Reservation::None;
        self.budget.serve();
        // Nobody may have noticed yet that it is due again.
        self.budget.look_again.send_modify(|_| {});
    }
}

impl Sharing {
    async fn reserve(&self, claim: &Claim) -> Result<Grant, sqlx::Error> {
        let mut tx = self.store.begin().await?;
        let (mut window, now_ms) = rate_windows::lock(&mut tx, self.connection).await?;
        let grant = window.reserve(self.process, claim, now_ms);
        rate_windows::keep(&mut tx, self.connection, &window).await?;
        tx.commit().await?;
        Ok(grant)
    }
}

impl Permit {
    /// The request is on its way: from now on it counts unless it is answered.
    pub(crate) const fn sent(&mut self) {
        self.fate = Fate::Sent;
    }

    /// The request is answered.
    pub(crate) fn answered(mut self, status: u16, headers: &BudgetHeaders) {
        self.fate = Fate::Settled;
        let now = Instant::now().into_std();
        self.budget
            .settle(|member| member.answered(now, status, headers));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match self.fate {
            Fate::Settled => {}
            Fate::Unsent => self.budget.settle(Member::give_back),
            Fate::Sent => {
                let now = Instant::now().into_std();
                self.budget.settle(|member| member.lost(now));
            }
        }
    }
}

const fn rank(priority: Priority) -> usize {
    match priority {
        Priority::Interactive => 0,
        Priority::Repair => 1,
        Priority::Backfill => 2,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt as _;
    use harken_intercom::WindowHeaders;

    use super::*;

    fn told(remaining: u32) -> BudgetHeaders {
        let window = WindowHeaders {
            limit: 100,
            remaining,
            reset: 1_790_000_010,
        };
        BudgetHeaders {
            window: Some(window),
            date: Some(1_790_000_000),
        }
    }

    async fn answered(budget: &Arc<Budget>, remaining: u32) {
        let mut permit = budget.acquire(Priority::Interactive).await;
        permit.sent();
        permit.answered(200, &told(remaining));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_served_when_the_window_turns() {
        let budget = Budget::alone();
        answered(&budget, 0).await;
        let begun = Instant::now();
        let _permit = budget.acquire(Priority::Backfill).await;
        let waited = begun.elapsed();
        assert!(
            waited >= Duration::from_secs(10) && waited < Duration::from_secs(11),
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_budget_learned_lets_those_go_who_wait_for_the_first_answer() {
        let (proved, budget) = (Budget::alone(), Budget::alone());
        answered(&proved, 90).await;
        let _first = budget.acquire(Priority::Backfill).await;
        let mut second = Box::pin(budget.acquire(Priority::Backfill));
        assert!(second.as_mut().now_or_never().is_none());
        budget.acquaint(&proved);
        assert!(second.as_mut().now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_overtakes_a_backfill_that_waits() {
        let budget = Budget::alone();
        let first = budget.acquire(Priority::Backfill).await;
        let mut backfill = Box::pin(budget.acquire(Priority::Backfill));
        assert!(backfill.as_mut().now_or_never().is_none());
        let mut person = Box::pin(budget.acquire(Priority::Interactive));
        assert!(person.as_mut().now_or_never().is_none());
        drop(first);
        let _permit = person.as_mut().now_or_never().unwrap();
        assert!(backfill.as_mut().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn equals_are_served_in_the_order_they_came() {
        let budget = Budget::alone();
        let mut held = budget.acquire(Priority::Repair).await;
        let mut waiting: Vec<_> = (0..5)
            .map(|_| Box::pin(budget.acquire(Priority::Repair)))
            .collect();
        for waiter in &mut waiting {
            assert!(waiter.as_mut().now_or_never().is_none());
        }
        for waiter in &mut waiting {
            drop(held);
            held = waiter.as_mut().now_or_never().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_takes_nothing_with_it() {
        let budget = Budget::alone();
        let held = budget.acquire(Priority::Interactive).await;
        for _ in 0..3 {
            assert!(
                budget
                    .acquire(Priority::Interactive)
                    .now_or_never()
                    .is_none()
            );
        }
        let mut granted_and_dropped = Box::pin(budget.acquire(Priority::Interactive));
        assert!(granted_and_dropped.as_mut().now_or_never().is_none());
        drop(held);
        drop(granted_and_dropped);
        assert!(
            budget
                .acquire(Priority::Interactive)
                .now_or_never()
                .is_some()
        );
        assert!(budget.is_idle());
    }
}
