//! What was asked of the simulator, counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::limits::WINDOW_SECS;

/// Windows remembered: an hour.
const WINDOWS_KEPT: usize = 360;

#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counted {
    requests: u64,
    too_many_requests: u64,
    /// By method and route.
    endpoints: BTreeMap<String, Endpoint>,
    /// By the Unix second a window starts at.
    windows: BTreeMap<i64, Window>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Endpoint {
    requests: u64,
    /// By HTTP status.
    answers: BTreeMap<u16, u64>,
}

/// Times in Unix milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
struct Window {
    requests: u64,
    too_many_requests: u64,
    first_at_ms: i64,
    last_at_ms: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Stats(Mutex<Counted>);

impl Stats {
    pub(crate) fn count(&self, endpoint: &str, status: u16, arrived_at_ms: i64) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = u64::from(status == 429);
        counted.requests += 1;
        counted.too_many_requests += refused;
        let entry = match counted.endpoints.get_mut(endpoint) {
            Some(entry) => entry,
            None => counted.endpoints.entry(endpoint.to_owned()).or_default(),
        };
        entry.requests += 1;
        *entry.answers.entry(status).or_default() += 1;
        let starts_at = arrived_at_ms.div_euclid(1000 * WINDOW_SECS) * WINDOW_SECS;
        let window = counted.windows.entry(starts_at).or_default();
        if window.requests == 0 {
            window.first_at_ms = arrived_at_ms;
        }
        window.requests += 1;
        window.too_many_requests += refused;
        window.last_at_ms = window.last_at_ms.max(arrived_at_ms);
        while counted.windows.len() > WINDOWS_KEPT {
            counted.windows.pop_first();
        }
    }

    pub(crate) fn read(&self) -> Counted {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Counted::default();
    }
}
