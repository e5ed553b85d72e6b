//! One app's wish to be told, and what became of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::rules::{Answer, Treatment, Verdict};
use super::settings::WebhookSettings;

/// Whether anything is sent, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub(crate) enum Standing {
    /// No endpoint was given.
    Unset,
    /// The endpoint was given and has not answered yet.
    Asked,
    /// The endpoint did not answer the request made when it was given.
    Refused {
        reason: String,
    },
    Live,
    /// The endpoint answered 410.
    Disabled,
    /// Switched off, or failing for a week.
    Suspended,
}

#[derive(Debug)]
struct State {
    settings: WebhookSettings,
    standing: Standing,
    treatment: Treatment,
}

#[derive(Debug)]
pub(crate) struct Subscription(Mutex<State>);

impl Subscription {
    pub(super) fn new(settings: WebhookSettings) -> Self {
        let standing = match settings.url {
            Some(_) => Standing::Asked,
            None => Standing::Unset,
        };
        Self(Mutex::new(State {
            settings,
            standing,
            treatment: Treatment::default(),
        }))
    }

    pub(crate) fn settings(&self) -> WebhookSettings {
        self.state().settings.clone()
    }

    pub(crate) fn standing(&self) -> Standing {
        let state = self.state();
        match &state.standing {
            Standing::Live if state.treatment.is_disabled => Standing::Disabled,
            Standing::Live if state.settings.suspended || state.treatment.is_suspended => {
                Standing::Suspended
            }
            standing => standing.clone(),
        }
    }

    /// Whether causes are followed at all; what is refused while live is written down as lost.
    pub(super) fn listens(&self) -> bool {
        self.state().standing == Standing::Live
    }

    /// New settings; a new endpoint has to answer first, and what the old one did is forgotten.
    pub(super) fn set(&self, settings: WebhookSettings, standing: Option<Standing>) {
        let mut state = self.state();
        state.settings = settings;
        if let Some(standing) = standing {
            state.standing = standing;
            state.treatment = Treatment::default();
        }
    }

    pub(super) fn refuses(&self, now_ms: u64) -> Option<&'static str> {
        let state = self.state();
        if state.settings.suspended {
            return Some("suspended");
        }
        state.treatment.refuses(now_ms)
    }

    pub(super) fn holds(&self, now_ms: u64) -> Option<u64> {
        self.state().treatment.holds(now_ms)
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.state().treatment.is_disabled
    }

    pub(super) fn is_slow(&self) -> bool {
        self.state().treatment.is_slow
    }

    pub(super) fn take(
        &self,
        now_ms: u64,
        answer: (Answer, u64),
        attempt: u32,
        first_due_ms: u64,
    ) -> Verdict {
        let mut state = self.state();
        let retry_after_ms = state.settings.retry_secs * 1000;
        let waits = (first_due_ms, retry_after_ms);
        state.treatment.take(now_ms, answer, attempt, waits)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
