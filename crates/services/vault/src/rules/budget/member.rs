use std::time::{Duration, Instant};

use harken_intercom::{BudgetHeaders, Priority};

use super::{Claim, Decision, Governor, Grant, set_aside};

/// How long a process waits that got nothing, unless the window ends earlier.
const AGAIN_AFTER: Duration = Duration::from_millis(150);
/// A reservation is at most this part of the limit: what one process does not use lapses with the window.
const SMALLEST_PART: u32 = 8;
/// What a backfill reserves at least: the next requests are near.
const FEWEST: u32 = 16;

/// A governor of one process that shares a connection's windows with the others: what it sends it has reserved before.
/// Reservations are made in parts, so that most permits cost no question.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    governor: Governor,
    /// None: nobody shares.
    reserves: Option<Reserves>,
}

#[derive(Clone, Debug)]
struct Reserves {
    /// The window that the following is about.
    turn: u64,
    /// Answers that were counted in it.
    counted: u32,
    /// Reserved and not yet sent.
    unspent: u32,
    refused_until: Option<Instant>,
    /// The window that was last asked about.
    claimed: u64,
    /// Processes that were last seen to share, this one included.
    members: u32,
}

impl Member {
    /// A process that shares.
    pub(crate) const fn new(now: Instant) -> Self {
        let reserves = Reserves {
            turn: 0,
            counted: 0,
            unspent: 0,
            refused_until: None,
            claimed: 0,
            members: 1,
        };
        Self {
            governor: Governor::new(now),
            reserves: Some(reserves),
        }
    }

    /// One that has the connection to itself.
    pub(crate) const fn alone(now: Instant) -> Self {
        Self {
            governor: Governor::new(now),
            reserves: None,
        }
    }

    /// Asks for a permit.
    pub(crate) fn ask(&mut self, now: Instant, priority: Priority) -> Decision {
        let decision = self.governor.look(now, priority);
        if decision != Decision::Permit {
            return decision;
        }
        let is_unmetered = self.governor.is_unmetered();
        if let Some(reserves) = self.reserves.as_mut().filter(|_| !is_unmetered) {
            reserves.keep_up(&self.governor);
            if reserves.unspent == 0 {
                return match reserves.refused_until.filter(|until| now < *until) {
                    Some(until) => Decision::Until(until),
                    None => Decision::Reserve,
                };
            }
            reserves.unspent -= 1;
        }
        self.governor.take();
        Decision::Permit
    }

    /// What to ask of the shared window while so many of a priority wait.
    pub(crate) fn claim(&mut self, priority: Priority, waiting: u32) -> Claim {
        let (counted, unspent) = self.reserves.as_mut().map_or((0, 0), |reserves| {
            reserves.keep_up(&self.governor);
            reserves.claimed = reserves.turn;
            (reserves.counted, reserves.unspent)
        });
        let outstanding = self.governor.unsettled().saturating_add(unspent);
        let Some(standing) = self.governor.standing() else {
            return Claim {
                over: None,
                reset: None,
                limit: 0,
                remaining: 0,
                counted,
                outstanding,
                wanted: 1,
                set_aside: 0,
            };
        };
        let wanted = match priority {
            Priority::Interactive | Priority::Repair => waiting,
            Priority::Backfill => waiting.saturating_mul(2).max(FEWEST),
        };
        Claim {
            over: Some(standing.over),
            reset: standing.reset,
            limit: standing.limit,
            remaining: standing.remaining,
            counted,
            outstanding,
            wanted: wanted.min(standing.limit / SMALLEST_PART).max(1),
            set_aside: set_aside(standing.limit, priority),
        }
    }

    /// Takes what was granted.
    pub(crate) fn granted(&mut self, now: Instant, grant: &Grant) {
        if let Some(over) = grant.over {
            self.governor.learn_over(over);
        }
        if let Some(reserves) = &mut self.reserves {
            reserves.keep_up(&self.governor);
            reserves.members = grant.members;
            // What was granted in a window that has ended meanwhile lapsed with it.
            if reserves.turn == reserves.claimed {
                reserves.unspent = reserves.unspent.saturating_add(grant.permits);
            }
            let again = now + AGAIN_AFTER;
            reserves.refused_until = (grant.permits == 0 && !grant.is_behind).then_some(again);
        }
    }

    /// The shared window is out of reach: each process takes an equal part.
    pub(crate) fn unreachable(&mut self, now: Instant) {
        let part = |members: u32| {
            let limit = self
                .governor
                .standing()
                .map_or(1, |standing| standing.limit);
            limit / members.max(1)
        };
        let unsettled = self.governor.unsettled();
        let Some(reserves) = &mut self.reserves else {
            return;
        };
        reserves.keep_up(&self.governor);
        let taken = reserves.counted.saturating_add(unsettled);
        reserves.unspent = part(reserves.members).saturating_sub(taken);
        reserves.refused_until = (reserves.unspent == 0).then_some(now + AGAIN_AFTER);
    }

    /// Learns what another governor of the same workspace knows of its limit.
    pub(crate) fn acquaint(&mut self, other: &Self) {
        self.governor.acquaint(&other.governor);
    }

    /// Takes a permit back whose request was never sent.
    pub(crate) const fn give_back(&mut self) {
        self.governor.give_back();
    }

    /// Learns from an answer's head.
    pub(crate) fn answered(&mut self, now: Instant, status: u16, headers: &BudgetHeaders) {
        self.governor.answered(now, status, headers);
        if let Some(reserves) = &mut self.reserves {
            reserves.keep_up(&self.governor);
            if self.governor.counts(headers) {
                reserves.counted = reserves.counted.saturating_add(1);
            }
        }
    }

    /// Learns that a request has no answer.
    pub(crate) fn lost(&mut self, now: Instant) {
        self.governor.lost(now);
    }

    /// Whether forgetting everything would lose nothing.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        self.governor.is_idle(now)
    }
}

impl Reserves {
    /// What was reserved lapses with the window.
    const fn keep_up(&mut self, governor: &Governor) {
        if self.turn != governor.turns {
            self.turn = governor.turns;
            self.counted = 0;
            self.unspent = 0;
            self.refused_until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use harken_intercom::WindowHeaders;

    use super::*;

    fn told(remaining: u32) -> BudgetHeaders {
        BudgetHeaders {
            window: Some(WindowHeaders {
                limit: 100,
                remaining,
                reset: 1_790_000_010,
            }),
            date: Some(1_790_000_000),
        }
    }

    fn grant(permits: u32) -> Grant {
        Grant {
            permits,
            over: None,
            is_behind: false,
            members: 2,
        }
    }

    fn reserve(member: &mut Member, now: Instant, permits: u32) {
        member.claim(Priority::Backfill, permits);
        member.granted(now, &grant(permits));
    }

    fn metered() -> (Member, Instant) {
        let now = Instant::now();
        let mut member = Member::new(now);
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Reserve);
        reserve(&mut member, now, 1);
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Permit);
        member.answered(now, 200, &told(99));
        (member, now)
    }

    #[test]
    fn what_is_reserved_is_spent_without_a_question() {
        let (mut member, now) = metered();
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Reserve);
        reserve(&mut member, now, 2);
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Permit);
        assert_eq!(member.ask(now, Priority::Interactive), Decision::Permit);
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Reserve);
    }

    #[test]
    fn who_got_nothing_waits_a_little() {
        let (mut member, now) = metered();
        reserve(&mut member, now, 0);
        let until = now + AGAIN_AFTER;
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Until(until));
        assert_eq!(member.ask(until, Priority::Backfill), Decision::Reserve);
    }

    #[test]
    fn what_is_not_spent_lapses_with_the_window() {
        let (mut member, now) = metered();
        reserve(&mut member, now, 50);
        let next = now + Duration::from_secs(11);
        assert_eq!(member.ask(next, Priority::Backfill), Decision::Reserve);
    }

    #[test]
    fn what_is_granted_after_the_window_has_ended_lapsed_with_it() {
        let (mut member, now) = metered();
        member.claim(Priority::Backfill, 50);
        let next = now + Duration::from_secs(11);
        assert_eq!(member.ask(next, Priority::Backfill), Decision::Reserve);
        member.granted(next, &grant(50));
        assert_eq!(member.ask(next, Priority::Backfill), Decision::Reserve);
    }

    #[test]
    fn without_the_store_each_takes_its_part() {
        let (mut member, now) = metered();
        reserve(&mut member, now, 0);
        member.unreachable(now);
        let mut sent = 0;
        while member.ask(now, Priority::Interactive) == Decision::Permit {
            sent += 1;
        }
        // Half of a hundred, one of which was counted before.
        assert_eq!(sent, 49);
    }

    #[test]
    fn who_is_alone_asks_nobody() {
        let now = Instant::now();
        let mut member = Member::alone(now);
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Permit);
        member.answered(now, 200, &told(99));
        assert_eq!(member.ask(now, Priority::Backfill), Decision::Permit);
    }
}
