use std::sync::{Mutex, MutexGuard, PoisonError};

use harken_domain::Clock;
use harken_intercom::ReadError;

use crate::outbound::postgres::{
    permissions::Missing,
    run_log::{Line, Severity},
};

/// What a run has to say until it is written down: by the next batch, or by the next heartbeat.
#[derive(Debug)]
pub(super) struct Notes {
    clock: Clock,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    lines: Vec<Line>,
    waits_for: String,
    missing: Vec<Missing>,
}

impl Notes {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            pages: Mutex::default(),
        }
    }

    pub(super) fn info(&self, message: impl Into<String>) {
        self.add(Severity::Info, message.into(), None);
    }

    pub(super) fn warning(&self, message: impl Into<String>, request_id: Option<&str>) {
        self.add(Severity::Warning, message.into(), request_id);
    }

    /// Says that a permission is missing, if that is what the error says.
    pub(super) fn miss(&self, permission: &'static str, error: &ReadError) {
        if let ReadError::Denied { request_id, .. } = error {
            self.pages().missing.push(Missing {
                permission,
                request_id: request_id.clone(),
            });
        }
    }

    /// Takes the missing permissions away.
    pub(super) fn take_missing(&self) -> Vec<Missing> {
        std::mem::take(&mut self.pages().missing)
    }

    fn add(&self, severity: Severity, message: String, request_id: Option<&str>) {
        let request_id = request_id.map(str::to_owned);
        self.pages().lines.push(Line {
            at: self.clock.now(),
            severity,
            message,
            request_id,
        });
    }

    /// Says what the run waits for; empty when it goes on.
    pub(super) fn waits_for(&self, what: &str) {
        let mut pages = self.pages();
        if pages.waits_for != what {
            what.clone_into(&mut pages.waits_for);
        }
    }

    /// What the run waits for; empty if it does not.
    pub(super) fn waiting(&self) -> String {
        self.pages().waits_for.clone()
    }

    /// Takes the lines away.
    pub(super) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.pages().lines)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
