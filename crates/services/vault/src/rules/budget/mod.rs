//! The rate budget of one connection, as a state machine without clock or threads.
//!
//! Intercom counts requests in fixed 10-second windows and tells with each answer which window it was counted in and how
//! much of it is left. A request under way may be counted in the window that ends or in the next, so each of them is held
//! against whichever window is being spent. That is why the sum of what a window may count never exceeds its limit, however
//! slow the network.

mod member;
#[cfg(test)]
mod model;
mod server_clock;
mod shared;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use harken_intercom::{BudgetHeaders, Priority, WindowHeaders};

pub(crate) use member::Member;
use server_clock::ServerClock;
pub(crate) use shared::{Claim, Grant, SharedWindow};

/// Length of Intercom's windows.
const WINDOW: Duration = Duration::from_secs(10);
/// How far the clock that counts is taken to be behind the one that writes `Date`, until it proves to be further.
const MARGIN: Duration = Duration::from_millis(50);
const LARGEST_MARGIN: Duration = Duration::from_secs(5);
/// Most requests under way at once. Intercom documents no cap; even if each answer takes a second, more would not be faster.
const MOST_UNDER_WAY: u32 = 320;

/// Decides when the next request may go.
#[derive(Clone, Debug)]
pub(crate) struct Governor {
    knowledge: Knowledge,
    under_way: u32,
    /// Until when each request counts whose answer did not say where it was counted.
    unaccounted: VecDeque<Instant>,
    server: ServerClock,
    margin: Duration,
    paused_until: Option<Instant>,
    /// How often another window began.
    turns: u64,
}

#[derive(Clone, Debug)]
enum Knowledge {
    /// No answer yet: one request alone finds out.
    Nothing,
    /// Intercom answers without rate headers.
    Unmetered,
    Metered(Window),
}

/// The window being spent.
#[derive(Clone, Debug)]
struct Window {
    limit: u32,
    /// The least that Intercom said is left.
    remaining: u32,
    /// What its answers call it; none until the first of them.
    reset: Option<i64>,
    /// The window before it; answers of that one come too late to matter.
    previous_reset: i64,
}

/// Whether a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It may, now. It counts as under way until it is answered, lost or given back.
    Permit,
    /// Not before then, unless an answer changes the picture.
    Until(Instant),
    /// An answer of a request under way decides.
    OnAnswer,
    /// Once something of the window is reserved for this process.
    Reserve,
}

/// What a governor knows of the window that is being spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    limit: u32,
    /// The least that Intercom said is left.
    remaining: u32,
    /// The last window known to be over: it tells the one that is being spent from all others.
    over: i64,
    /// When it ends itself, once an answer told.
    reset: Option<i64>,
}

impl Governor {
    pub(crate) const fn new(now: Instant) -> Self {
        Self {
            knowledge: Knowledge::Nothing,
            under_way: 0,
            unaccounted: VecDeque::new(),
            server: ServerClock::new(now),
            margin: MARGIN,
            paused_until: None,
            turns: 0,
        }
    }

    /// Asks for a permit.
    #[cfg(test)]
    fn ask(&mut self, now: Instant, priority: Priority) -> Decision {
        let decision = self.look(now, priority);
        if decision == Decision::Permit {
            self.take();
        }
        decision
    }

    /// Whether a permit could be taken.
    fn look(&mut self, now: Instant, priority: Priority) -> Decision {
        self.pass_time(now);
        self.decide(priority)
    }

    /// Takes the permit that was seen.
    const fn take(&mut self) {
        self.under_way += 1;
    }

    /// The window that is being spent; none while nothing is known of it.
    const fn standing(&self) -> Option<Standing> {
        match &self.knowledge {
            Knowledge::Metered(window) => Some(Standing {
                limit: window.limit,
                remaining: window.remaining,
                over: window.previous_reset,
                reset: window.reset,
            }),
            Knowledge::Nothing | Knowledge::Unmetered => None,
        }
    }

    const fn is_unmetered(&self) -> bool {
        matches!(self.knowledge, Knowledge::Unmetered)
    }

    /// Whether an answer was counted in the window that is being spent.
    fn counts(&self, headers: &BudgetHeaders) -> bool {
        let told = headers.window.map(|window| window.reset);
        matches!(&self.knowledge, Knowledge::Metered(window) if window.reset.is_some() && window.reset == told)
    }

    /// What may still be counted: requests under way, and those that went lost.
    fn unsettled(&self) -> u32 {
        let unaccounted = u32::try_from(self.unaccounted.len()).unwrap_or(u32::MAX);
        self.under_way.saturating_add(unaccounted)
    }

    /// Another process knows that this window is over.
    fn learn_over(&mut self, over: i64) {
        let Knowledge::Metered(window) = &mut self.knowledge else {
            return;
        };
        if window.reset.is_some_and(|reset| reset > over) {
            window.previous_reset = window.previous_reset.max(over);
        } else if over > window.previous_reset {
            *window = window.after(over);
            self.turns += 1;
        }
    }

    /// Learns what another governor of the same workspace knows of its limit; what it knows itself stands. What is under
    /// way in the other was its own and is not taken over, so nothing may be.
    fn acquaint(&mut self, other: &Self) {
        if matches!(self.knowledge, Knowledge::Nothing) && other.unsettled() == 0 {
            self.knowledge.clone_from(&other.knowledge);
            self.server.clone_from(&other.server);
            self.margin = other.margin;
            self.turns += 1;
        }
    }

    /// Takes a permit back whose request was never sent.
    pub(crate) const fn give_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Learns from an answer's head.
    pub(crate) fn answered(&mut self, now: Instant, status: u16, headers: &BudgetHeaders) {
        self.under_way = self.under_way.saturating_sub(1);
        let refused = status == 429;
        if refused {
            self.server.forget();
        }
        let reset = headers.window.map(|window| window.reset);
        self.server.observe(now, headers.date, reset);
        match (headers.window, &self.knowledge) {
            (Some(mut told), _) => {
                if refused {
                    told.remaining = 0;
                    self.wait_for_a_slow_clock(now, told.reset);
                }
                self.told(told);
            }
            (None, _) if refused => self.paused_until = Some(now + WINDOW),
            (None, Knowledge::Nothing) if (200..300).contains(&status) => {
                self.knowledge = Knowledge::Unmetered;
            }
            (None, Knowledge::Metered(_)) => self.unaccounted.push_back(now + WINDOW),
            (None, Knowledge::Nothing | Knowledge::Unmetered) => {}
        }
    }

    /// Learns that a request has no answer. It may have been counted all the same.
    pub(crate) fn lost(&mut self, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        if !self.is_unmetered() {
            // It was counted before now if at all, and a window that counted it before now ends within its length.
            self.unaccounted.push_back(now + WINDOW);
        }
    }

    /// Whether forgetting everything would lose nothing.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        let spent = match &self.knowledge {
            Knowledge::Nothing | Knowledge::Unmetered => false,
            Knowledge::Metered(window) => window
                .end(&self.server, self.margin)
                .is_some_and(|end| now < end),
        };
        self.under_way == 0 && self.unaccounted.iter().all(|until| *until <= now) && !spent
    }

    fn pass_time(&mut self, now: Instant) {
        while self.unaccounted.front().is_some_and(|until| *until <= now) {
            self.unaccounted.pop_front();
        }
        if self.paused_until.is_some_and(|until| until <= now) {
            self.paused_until = None;
        }
        let Knowledge::Metered(window) = &mut self.knowledge else {
            return;
        };
        if let Some(reset) = window.reset
            && window
                .end(&self.server, self.margin)
                .is_some_and(|end| end <= now)
        {
            *window = window.after(reset);
            self.turns += 1;
        }
    }

    fn decide(&self, priority: Priority) -> Decision {
        if let Some(until) = self.paused_until {
            return Decision::Until(until);
        }
        if self.under_way + set_aside(MOST_UNDER_WAY, priority) >= MOST_UNDER_WAY {
            return Decision::OnAnswer;
        }
        match &self.knowledge {
            Knowledge::Nothing if self.under_way > 0 => Decision::OnAnswer,
            Knowledge::Nothing | Knowledge::Unmetered => Decision::Permit,
            Knowledge::Metered(window) => {
                let needed = self
                    .unsettled()
                    .saturating_add(set_aside(window.limit, priority));
                if needed < window.remaining {
                    return Decision::Permit;
                }
                let next = [
                    window.end(&self.server, self.margin),
                    self.unaccounted.front().copied(),
                ];
                next.into_iter()
                    .flatten()
                    .min()
                    .map_or(Decision::OnAnswer, Decision::Until)
            }
        }
    }

    /// Refused in a window that was taken for over: the clock that counts is behind the one that writes `Date`.
    fn wait_for_a_slow_clock(&mut self, now: Instant, reset: i64) {
        let Knowledge::Metered(window) = &self.knowledge else {
            return;
        };
        let paused = self.paused_until.is_some_and(|until| now < until);
        if reset == window.previous_reset && window.reset.is_none() && !paused {
            self.margin = (self.margin * 2 + MARGIN).min(LARGEST_MARGIN);
            self.paused_until = Some(now + self.margin);
        }
    }

    fn told(&mut self, told: WindowHeaders) {
        let mut turns = 1;
        let previous_reset = match &mut self.knowledge {
            Knowledge::Metered(window) => match window.reset {
                Some(reset) if told.reset == reset => {
                    window.limit = told.limit;
                    window.remaining = window.remaining.min(told.remaining);
                    return;
                }
                Some(reset) if told.reset < reset => return,
                None if told.reset <= window.previous_reset => return,
                Some(reset) => reset,
                // The window that was taken for begun has a name now.
                None => {
                    turns = 0;
                    window.previous_reset
                }
            },
            Knowledge::Nothing | Knowledge::Unmetered => i64::MIN,
        };
        let began = told.reset.saturating_sub_unsigned(WINDOW.as_secs());
        self.knowledge = Knowledge::Metered(Window {
            limit: told.limit,
            remaining: told.remaining,
            reset: Some(told.reset),
            previous_reset: previous_reset.max(began),
        });
        self.turns += turns;
    }
}

impl Window {
    /// The window after this one, once the one that ends at `over` is past.
    const fn after(&self, over: i64) -> Self {
        Self {
            limit: self.limit,
            remaining: self.limit,
            reset: None,
            previous_reset: over,
        }
    }

    /// When it is over for certain; none until its first answer.
    fn end(&self, server: &ServerClock, margin: Duration) -> Option<Instant> {
        server.certainly_past(self.reset?).map(|past| past + margin)
    }
}

/// What `priority` leaves to those before it, out of `whole`.
const fn set_aside(whole: u32, priority: Priority) -> u32 {
    match priority {
        Priority::Interactive => 0,
        Priority::Repair => whole / 50,
        Priority::Backfill => whole / 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: i64 = 1_790_000_010;

    fn window(remaining: u32, reset: i64) -> BudgetHeaders {
        BudgetHeaders {
            window: Some(WindowHeaders {
                limit: 20,
                remaining,
                reset,
            }),
            date: Some(reset - 10),
        }
    }

    fn metered(remaining: u32) -> (Governor, Instant) {
        let now = Instant::now();
        let mut governor = Governor::new(now);
        assert_eq!(governor.ask(now, Priority::Backfill), Decision::Permit);
        governor.answered(now, 200, &window(remaining, RESET));
        (governor, now)
    }

    #[test]
    fn the_first_request_goes_alone() {
        let now = Instant::now();
        let mut governor = Governor::new(now);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::OnAnswer);
        governor.lost(now);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
    }

    #[test]
    fn what_another_learned_of_the_limit_is_held_to_from_the_first_request() {
        let (known, now) = metered(2);
        let mut governor = Governor::new(now);
        governor.acquaint(&known);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
        assert!(matches!(
            governor.ask(now, Priority::Interactive),
            Decision::Until(_)
        ));
    }

    #[test]
    fn what_is_known_already_is_not_replaced_by_what_another_knows() {
        let (known, now) = metered(15);
        let (mut governor, _) = metered(0);
        governor.acquaint(&known);
        assert!(matches!(
            governor.ask(now, Priority::Interactive),
            Decision::Until(_)
        ));
    }

    #[test]
    fn without_rate_headers_only_the_number_under_way_is_bounded() {
        let now = Instant::now();
        let mut governor = Governor::new(now);
        governor.ask(now, Priority::Interactive);
        governor.answered(now, 200, &BudgetHeaders::default());
        for _ in 0..MOST_UNDER_WAY {
            assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
        }
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::OnAnswer);
    }

    #[test]
    fn requests_under_way_are_held_against_the_window() {
        let (mut governor, now) = metered(2);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
        let over = now + WINDOW + MARGIN;
        assert_eq!(
            governor.ask(now, Priority::Interactive),
            Decision::Until(over)
        );
    }

    #[test]
    fn a_backfill_leaves_something_for_people() {
        let (mut governor, now) = metered(1);
        assert!(matches!(
            governor.ask(now, Priority::Backfill),
            Decision::Until(_)
        ));
        assert_eq!(governor.ask(now, Priority::Interactive), Decision::Permit);
    }

    #[test]
    fn what_other_apps_use_is_respected() {
        let (mut governor, now) = metered(15);
        governor.ask(now, Priority::Interactive);
        governor.answered(now, 200, &window(0, RESET));
        assert!(matches!(
            governor.ask(now, Priority::Interactive),
            Decision::Until(_)
        ));
    }

    #[test]
    fn after_its_end_a_window_is_full_again_less_what_is_under_way() {
        let (mut governor, now) = metered(1);
        governor.ask(now, Priority::Interactive);
        let next = now + WINDOW + MARGIN;
        for _ in 0..19 {
            assert_eq!(governor.ask(next, Priority::Interactive), Decision::Permit);
        }
        assert_eq!(
            governor.ask(next, Priority::Interactive),
            Decision::OnAnswer
        );
        // The straggler was counted in the old window: its place is free.
        governor.answered(next, 200, &window(0, RESET));
        assert_eq!(governor.ask(next, Priority::Interactive), Decision::Permit);
    }

    #[test]
    fn a_refusal_waits_for_the_window() {
        let (mut governor, now) = metered(15);
        governor.ask(now, Priority::Interactive);
        governor.answered(now, 429, &window(3, RESET));
        let Decision::Until(until) = governor.ask(now, Priority::Interactive) else {
            panic!("it must wait");
        };
        assert!(until > now && until <= now + WINDOW + MARGIN);
    }

    #[test]
    fn a_refusal_without_a_window_waits_a_windows_length() {
        let (mut governor, now) = metered(15);
        governor.ask(now, Priority::Interactive);
        governor.answered(now, 429, &BudgetHeaders::default());
        assert_eq!(
            governor.ask(now, Priority::Interactive),
            Decision::Until(now + WINDOW)
        );
        assert_eq!(
            governor.ask(now + WINDOW, Priority::Interactive),
            Decision::Permit
        );
    }

    #[test]
    fn a_lost_request_counts_for_a_windows_length() {
        let (mut governor, now) = metered(1);
        governor.ask(now, Priority::Interactive);
        governor.lost(now);
        assert!(matches!(
            governor.ask(now, Priority::Interactive),
            Decision::Until(_)
        ));
    }

    #[test]
    fn a_governor_is_idle_once_nothing_is_owed() {
        let (mut governor, now) = metered(5);
        assert!(!governor.is_idle(now));
        governor.ask(now + WINDOW * 2, Priority::Interactive);
        assert!(!governor.is_idle(now + WINDOW * 2));
        governor.give_back();
        assert!(governor.is_idle(now + WINDOW * 2));
    }
}
