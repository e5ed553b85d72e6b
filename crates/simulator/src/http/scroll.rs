//! The company scroll: one at a time for each app, gone after a while without use.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Clone)]
struct Open {
    param: String,
    next: u64,
    used_at: i64,
}

/// Why a scroll does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScrollError {
    /// Another one is open.
    Exists,
    Unknown,
}

/// Scrolls open now, by app and workspace.
#[derive(Debug)]
pub(crate) struct Scrolls {
    idle_secs: i64,
    open: Mutex<HashMap<(String, &'static str), Open>>,
}

impl Scrolls {
    /// Scrolls that are gone after `idle_secs` without use.
    pub(crate) fn new(idle_secs: i64) -> Self {
        Self {
            idle_secs,
            open: Mutex::default(),
        }
    }

    /// Opens a scroll under `fresh`, or goes on with `param`; gives the place of the page's first
    /// record, and the scroll's parameter.
    pub(super) fn turn(
        &self,
        app: (String, &'static str),
        param: Option<&str>,
        fresh: String,
        page: u64,
        now: i64,
    ) -> Result<(u64, String), ScrollError> {
        let mut scrolls = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = scrolls
            .get_mut(&app)
            .filter(|open| now - open.used_at < self.idle_secs);
        match (open, param) {
            (Some(open), Some(param)) if open.param == param => {
                let first = open.next;
                open.next += page;
                open.used_at = now;
                Ok((first, param.to_owned()))
            }
            (_, Some(_)) => Err(ScrollError::Unknown),
            (Some(_), None) => Err(ScrollError::Exists),
            (None, None) => {
                scrolls.insert(
                    app,
                    Open {
                        param: fresh.clone(),
                        next: page,
                        used_at: now,
                    },
                );
                Ok((0, fresh))
            }
        }
    }

    /// Ends a scroll that reached the end.
    pub(super) fn end(&self, app: &(String, &'static str)) {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(app);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(scrolls: &Scrolls, param: Option<&str>, now: i64) -> Result<u64, ScrollError> {
        let app = ("app".to_owned(), "w");
        scrolls
            .turn(app, param, "p".to_owned(), 100, now)
            .map(|(first, _)| first)
    }

    #[test]
    fn a_second_scroll_is_refused_until_the_first_ends_or_expires() {
        let scrolls = Scrolls::new(60);
        assert_eq!(turn(&scrolls, None, 0), Ok(0));
        assert_eq!(turn(&scrolls, None, 59), Err(ScrollError::Exists));
        assert_eq!(turn(&scrolls, Some("p"), 59), Ok(100));
        assert_eq!(turn(&scrolls, Some("p"), 118), Ok(200));
        assert_eq!(turn(&scrolls, Some("p"), 178), Err(ScrollError::Unknown));
        assert_eq!(turn(&scrolls, None, 178), Ok(0));
        scrolls.end(&("app".to_owned(), "w"));
        assert_eq!(turn(&scrolls, Some("p"), 179), Err(ScrollError::Unknown));
        assert_eq!(turn(&scrolls, None, 179), Ok(0));
    }
}
