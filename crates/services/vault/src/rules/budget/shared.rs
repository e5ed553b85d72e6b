use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::WINDOW;

/// A connection's window as the processes share it. What each may still have counted, and what was counted of it, never
/// exceed the limit together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SharedWindow {
    /// The last window that any of them knows to be over.
    over: Option<i64>,
    limit: u32,
    /// The least that Intercom told any of them is left: other apps spend of it, too.
    remaining: u32,
    shares: BTreeMap<Uuid, Share>,
}

/// What a process said of itself when it reserved last. It sends nothing without reserving.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Share {
    over: Option<i64>,
    reset: Option<i64>,
    counted: u32,
    /// Most of its requests that may still be counted.
    outstanding: u32,
    at_ms: i64,
}

/// What a process says when it reserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The last window that it knows to be over; none if it knows of no window.
    pub over: Option<i64>,
    /// When the window ends that it speaks about, if it knows.
    pub reset: Option<i64>,
    pub limit: u32,
    /// The least that Intercom told it is left.
    pub remaining: u32,
    /// Requests of its own that were counted in this window.
    pub counted: u32,
    /// Those that may still be counted.
    pub outstanding: u32,
    pub wanted: u32,
    /// What it leaves to those who come before it.
    pub set_aside: u32,
}

/// What a process gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub permits: u32,
    /// The last window that is known to be over.
    pub over: Option<i64>,
    /// It spoke about a window that is over: it may speak again at once.
    pub is_behind: bool,
    /// Processes that share, this one included.
    pub members: u32,
}

impl SharedWindow {
    /// Most requests that may be counted before anybody knows the limit.
    const SCOUTS: u32 = 4;
    #[expect(clippy::cast_possible_truncation, reason = "a window is ten seconds")]
    const WINDOW_MS: i64 = WINDOW.as_millis() as i64;

    /// Reserves for a process. `now_ms` is the store's own clock.
    pub(crate) fn reserve(&mut self, member: Uuid, claim: &Claim, now_ms: i64) -> Grant {
        // What a process sent two windows ago has been counted long since.
        let is_fresh = |share: &Share| now_ms - share.at_ms < 2 * Self::WINDOW_MS;
        self.shares.retain(|_, share| is_fresh(share));
        if claim.over > self.over {
            self.over = claim.over;
            self.remaining = claim.limit;
        }
        let is_behind = claim.over.is_some() && claim.over < self.over;
        if claim.over.is_some() && !is_behind {
            self.limit = claim.limit;
            self.remaining = self.remaining.min(claim.remaining);
        }
        let others = || self.shares.iter().filter(|(id, _)| **id != member);
        let members = u32::try_from(others().count()).unwrap_or(u32::MAX);
        let permits = if is_behind {
            0
        } else {
            let others: Vec<&Share> = others().map(|(_, share)| share).collect();
            self.room(claim, &others, now_ms).min(claim.wanted)
        };
        let share = Share {
            over: self.over.filter(|_| !is_behind).or(claim.over),
            reset: claim.reset,
            counted: claim.counted,
            outstanding: claim.outstanding.saturating_add(permits),
            at_ms: now_ms,
        };
        self.shares.insert(member, share);
        Grant {
            permits,
            over: self.over,
            is_behind,
            members: members.saturating_add(1),
        }
    }

    /// What a process may reserve that speaks about this window.
    fn room(&self, claim: &Claim, others: &[&Share], now_ms: i64) -> u32 {
        // A share that is older than a window speaks about one that is over.
        let is_current = |share: &Share| {
            let is_same = share.reset.is_some() && share.reset == claim.reset;
            (share.over == self.over || is_same) && now_ms - share.at_ms < Self::WINDOW_MS
        };
        let sum = |number: fn(&Share) -> u32, which: &dyn Fn(&Share) -> bool| {
            let some = others.iter().filter(|share| which(share));
            some.fold(0_u32, |sum, share| sum.saturating_add(number(share)))
        };
        let outstanding =
            sum(|share| share.outstanding, &|_| true).saturating_add(claim.outstanding);
        if claim.over.is_none() && (others.is_empty() || self.limit == 0) {
            // Nobody knows anything: a few requests, one for a process, find out.
            return u32::from(outstanding < Self::SCOUTS);
        }
        let counted = sum(|share| share.counted, &is_current).saturating_add(claim.counted);
        let ours = self.limit.saturating_sub(counted);
        // What Intercom says is left includes what others' requests take that we do not know of.
        let left = if claim.over.is_some() {
            ours.min(self.remaining)
        } else {
            ours
        };
        let room = left
            .saturating_sub(outstanding)
            .saturating_sub(claim.set_aside);
        // Others come soon: not everything goes to the first.
        if others.iter().any(|share| is_current(share)) {
            room.div_ceil(2)
        } else {
            room
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const TWO: Uuid = Uuid::from_u128(2);

    fn claim(over: i64, counted: u32, outstanding: u32, wanted: u32) -> Claim {
        Claim {
            over: Some(over),
            reset: None,
            limit: 100,
            remaining: 100,
            counted,
            outstanding,
            wanted,
            set_aside: 0,
        }
    }

    #[test]
    fn one_process_may_take_everything_and_no_more() {
        let mut window = SharedWindow::default();
        assert_eq!(window.reserve(ONE, &claim(10, 0, 0, 60), 0).permits, 60);
        assert_eq!(window.reserve(ONE, &claim(10, 50, 10, 60), 100).permits, 40);
        assert_eq!(window.reserve(ONE, &claim(10, 80, 20, 60), 200).permits, 0);
    }

    #[test]
    fn what_another_reserved_is_not_there() {
        let mut window = SharedWindow::default();
        window.reserve(ONE, &claim(10, 0, 0, 60), 0);
        let grant = window.reserve(TWO, &claim(10, 0, 0, 60), 0);
        assert_eq!((grant.permits, grant.members), (20, 2));
    }

    #[test]
    fn what_another_has_under_way_counts_in_the_next_window_too() {
        let mut window = SharedWindow::default();
        window.reserve(ONE, &claim(10, 0, 0, 70), 0);
        assert_eq!(
            window.reserve(TWO, &claim(20, 0, 0, 100), 9_000).permits,
            30
        );
        // It says that it has nothing under way any more.
        window.reserve(ONE, &claim(20, 0, 0, 1), 9_001);
        assert_eq!(
            window.reserve(TWO, &claim(20, 30, 0, 100), 9_002).permits,
            35
        );
    }

    #[test]
    fn who_is_behind_learns_it_and_gets_nothing() {
        let mut window = SharedWindow::default();
        window.reserve(ONE, &claim(20, 0, 0, 10), 0);
        let grant = window.reserve(TWO, &claim(10, 0, 0, 10), 0);
        assert_eq!(
            (grant.permits, grant.is_behind, grant.over),
            (0, true, Some(20))
        );
    }

    #[test]
    fn a_process_that_is_gone_holds_nothing_for_long() {
        let mut window = SharedWindow::default();
        window.reserve(ONE, &claim(10, 0, 0, 100), 0);
        assert_eq!(
            window.reserve(TWO, &claim(20, 0, 0, 100), 10_000).permits,
            0
        );
        assert_eq!(
            window.reserve(TWO, &claim(30, 0, 0, 100), 20_000).permits,
            100
        );
    }

    #[test]
    fn what_other_apps_use_is_respected() {
        let mut window = SharedWindow::default();
        let told = Claim {
            remaining: 30,
            ..claim(10, 5, 10, 100)
        };
        assert_eq!(window.reserve(ONE, &told, 0).permits, 20);
    }

    #[test]
    fn something_is_left_to_those_who_come_first() {
        let mut window = SharedWindow::default();
        let backfill = Claim {
            set_aside: 5,
            ..claim(10, 0, 0, 100)
        };
        assert_eq!(window.reserve(ONE, &backfill, 0).permits, 95);
        let person = claim(10, 0, 95, 1);
        assert_eq!(window.reserve(ONE, &person, 0).permits, 1);
    }
}
