//! The company scroll: one at a time for each app, gone after a minute without use.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const EXPIRES_AFTER_SECS: i64 = 60;

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
#[derive(Debug, Default)]
pub(crate) struct Scrolls(Mutex<HashMap<(String, &'static str), Open>>);

impl Scrolls {
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
        let mut scrolls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = scrolls
            .get_mut(&app)
            .filter(|open| now - open.used_at < EXPIRES_AFTER_SECS);
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
        self.0
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
        let scrolls = Scrolls::default();
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
