//! Rate limits: a minute's budget cut into six aligned windows of ten seconds.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

pub(crate) const WINDOW_SECS: i64 = 10;
/// What the headers say when there is no limit.
const UNLIMITED: u64 = 1_000_000_000;

#[derive(Debug)]
pub(crate) struct Limits {
    app_per_minute: AtomicU64,
    workspace_per_minute: AtomicU64,
    used: Mutex<HashMap<Budget, Window>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Budget {
    App(String, &'static str),
    Workspace(&'static str),
}

#[derive(Debug, Clone, Copy)]
struct Window {
    starts_at: i64,
    used: u64,
}

/// What a request may do, and what its answer's headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) allowed: bool,
    /// Requests in this window.
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// Unix seconds when the window ends.
    pub(crate) reset_at: i64,
}

impl Limits {
    pub(crate) fn new(app_per_minute: u64, workspace_per_minute: u64) -> Self {
        Self {
            app_per_minute: AtomicU64::new(app_per_minute),
            workspace_per_minute: AtomicU64::new(workspace_per_minute),
            used: Mutex::default(),
        }
    }

    /// Changes the budgets from now on; 0 is unlimited.
    pub(crate) fn set(&self, app_per_minute: Option<u64>, workspace_per_minute: Option<u64>) {
        if let Some(rate) = app_per_minute {
            self.app_per_minute.store(rate, Ordering::Relaxed);
        }
        if let Some(rate) = workspace_per_minute {
            self.workspace_per_minute.store(rate, Ordering::Relaxed);
        }
    }

    /// Takes one request of `app` out of both budgets at `now` (Unix seconds).
    pub(crate) fn take(&self, app: &str, workspace: &'static str, now: i64) -> Allowance {
        let app_limit = per_window(self.app_per_minute.load(Ordering::Relaxed));
        let workspace_limit = per_window(self.workspace_per_minute.load(Ordering::Relaxed));
        let starts_at = now - now.rem_euclid(WINDOW_SECS);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let budgets = [
            (Budget::App(app.to_owned(), workspace), app_limit),
            (Budget::Workspace(workspace), workspace_limit),
        ];
        let left = |used: &HashMap<Budget, Window>| {
            let left = budgets.iter().map(|(budget, limit)| {
                let window = used
                    .get(budget)
                    .filter(|window| window.starts_at == starts_at);
                (
                    limit.saturating_sub(window.map_or(0, |window| window.used)),
                    *limit,
                )
            });
            left.min().unwrap_or((0, 0))
        };
        let (before, limit) = left(&used);
        if before > 0 {
            for (budget, _) in &budgets {
                let window = used
                    .entry(budget.clone())
                    .or_insert(Window { starts_at, used: 0 });
                if window.starts_at != starts_at {
                    *window = Window { starts_at, used: 0 };
                }
                window.used += 1;
            }
        }
        Allowance {
            allowed: before > 0,
            limit,
            remaining: before.saturating_sub(1),
            reset_at: starts_at + WINDOW_SECS,
        }
    }
}

/// 10,000 a minute are 1,667 a window, as Intercom rounds.
fn per_window(per_minute: u64) -> u64 {
    if per_minute == 0 {
        UNLIMITED
    } else {
        per_minute.div_ceil(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_a_sixth_of_the_minute_and_then_refuses() {
        let limits = Limits::new(1000, 0);
        for taken in 0..167 {
            let allowance = limits.take("app", "w", 1_000_003);
            assert!(allowance.allowed);
            assert_eq!((allowance.limit, allowance.remaining), (167, 166 - taken));
            assert_eq!(allowance.reset_at, 1_000_010);
        }
        assert!(!limits.take("app", "w", 1_000_009).allowed);
        assert!(limits.take("app", "w", 1_000_010).allowed);
    }

    #[test]
    fn apps_have_their_own_budget_and_share_the_workspace() {
        let limits = Limits::new(60, 90);
        let granted = |app| (0..20).filter(|_| limits.take(app, "w", 5).allowed).count();
        assert_eq!(granted("one"), 10);
        assert_eq!(granted("two"), 5);
        assert_eq!(
            (0..20)
                .filter(|_| limits.take("one", "other", 5).allowed)
                .count(),
            10
        );
    }

    #[test]
    fn without_a_limit_the_headers_still_speak() {
        let limits = Limits::new(0, 0);
        assert_eq!(limits.take("app", "w", 7).limit, UNLIMITED);
    }

    #[test]
    fn a_refused_request_takes_nothing() {
        let limits = Limits::new(6, 0);
        assert!(limits.take("app", "w", 0).allowed);
        assert!(!limits.take("app", "w", 1).allowed);
        limits.set(Some(12), None);
        assert!(limits.take("app", "w", 2).allowed);
    }
}
