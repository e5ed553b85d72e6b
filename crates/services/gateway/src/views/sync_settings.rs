use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::SyncSettings;

use crate::rules::span;
use crate::views::connection_head::ConnectionHead;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::last_run::LastRun;
use crate::views::when::When;

/// Schedule and window of a connection.
#[derive(Debug, Template)]
#[template(path = "pages/sync_settings.html")]
pub(crate) struct SyncSettingsPage {
    pub(crate) frame: Frame,
    pub(crate) head: ConnectionHead,
    pub(crate) is_alive: bool,
    pub(crate) last_run: Option<LastRun>,
    /// Why the last run did not get everything, with the remedy; empty if it did.
    pub(crate) last_error: String,
    /// None while sync does not answer.
    pub(crate) form: Option<SettingsForm>,
}

/// The form as it stands, or as it was sent with what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingsForm {
    pub(crate) interval_minutes: String,
    pub(crate) interval_words: String,
    pub(crate) interval_problem: Option<String>,
    pub(crate) backfill_days: String,
    pub(crate) backfill_problem: Option<String>,
    pub(crate) is_paused: bool,
    pub(crate) paused_at: Option<When>,
    pub(crate) next_run: Option<When>,
}

impl SettingsForm {
    pub(crate) fn new(settings: &SyncSettings, now: DateTime<Utc>) -> Self {
        Self {
            interval_minutes: settings.interval_secs.div_ceil(60).to_string(),
            interval_words: span::in_words(settings.interval_secs.into()),
            backfill_days: settings.backfill_days.to_string(),
            is_paused: settings.is_paused,
            paused_at: When::read(settings.paused_at.as_ref(), now),
            next_run: When::read(settings.next_run_at.as_ref(), now),
            ..Self::default()
        }
    }
}
