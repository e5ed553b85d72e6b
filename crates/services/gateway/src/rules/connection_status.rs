//! What a connection is doing, composed of what vault, sync and the edge know of it.

use chrono::{DateTime, TimeDelta, Utc};

/// A run that begins so long after the last notification cannot have overtaken one on its way.
const SILENT_AFTER: TimeDelta = TimeDelta::hours(1);

/// What a connection is doing, in one word; JSON has it as `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Opened; its first run has not begun.
    Connecting,
    /// Its first run goes on.
    Syncing,
    /// All is well.
    Connected,
    /// It works, and something is lacking.
    Degraded(Vec<Trouble>),
    /// A member paused it: nothing is read until it is resumed.
    Paused,
    /// Nothing is read or updated any more; what was mirrored is still here.
    Disconnected,
    /// Every service erases what it keeps of it.
    Disconnecting,
    /// Nothing of it is left but the receipts.
    Purged,
}

/// What is lacking on a connection that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The last run did not get to its end.
    SyncFailed,
    /// The token may not read something, as Intercom's Developer Hub names it.
    PermissionMissing(Vec<String>),
    /// Notifications used to come, and stopped while runs find changes.
    NotificationsSilent,
    /// Runs had to correct so much that notifications cannot be relied on.
    DriftHigh,
}

/// Where the vault sees a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Connected,
    Disconnected,
    Disconnecting,
    Purged,
}

/// What sync knows of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Syncing {
    /// The run that goes on, or the last one; none before the first.
    pub(crate) run: Option<LatestRun>,
    /// Whether a run has ended before, however it did.
    pub(crate) has_ended_before: bool,
    pub(crate) is_paused: bool,
    pub(crate) is_drift_high: bool,
    pub(crate) missing_permissions: Vec<String>,
}

/// What matters of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LatestRun {
    pub(crate) stage: Stage,
    pub(crate) began_at: Option<DateTime<Utc>>,
    /// Records that it corrected and a notification should have told.
    pub(crate) untold: u64,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Queued,
    GoingOn,
    Ended,
    Failed,
}

impl ConnectionStatus {
    /// Composes it; `syncing` is none while sync does not answer, `heard_at` none while no notification is known.
    pub(crate) fn compose(
        life: Life,
        syncing: Option<&Syncing>,
        heard_at: Option<DateTime<Utc>>,
    ) -> Self {
        match life {
            Life::Disconnected => return Self::Disconnected,
            Life::Disconnecting => return Self::Disconnecting,
            Life::Purged => return Self::Purged,
            Life::Connected => {}
        }
        let Some(syncing) = syncing else {
            return Self::Connected;
        };
        if syncing.is_paused {
            return Self::Paused;
        }
        let stage = syncing.run.map(|run| run.stage);
        match stage {
            None => return Self::Connecting,
            Some(Stage::Queued) if !syncing.has_ended_before => return Self::Connecting,
            Some(Stage::GoingOn) if !syncing.has_ended_before => return Self::Syncing,
            Some(_) => {}
        }
        let troubles = troubles(syncing, heard_at);
        if troubles.is_empty() {
            Self::Connected
        } else {
            Self::Degraded(troubles)
        }
    }

    /// As programs read it.
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Syncing => "syncing",
            Self::Connected => "connected",
            Self::Degraded(_) => "degraded",
            Self::Paused => "paused",
            Self::Disconnected => "disconnected",
            Self::Disconnecting => "disconnecting",
            Self::Purged => "purged",
        }
    }

    /// As people read it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Syncing => "Syncing",
            Self::Connected => "Connected",
            Self::Degraded(_) => "Degraded",
            Self::Paused => "Paused",
            Self::Disconnected => "Disconnected",
            Self::Disconnecting => "Disconnecting",
            Self::Purged => "Purged",
        }
    }

    /// What is lacking; empty where nothing is.
    pub fn troubles(&self) -> &[Trouble] {
        match self {
            Self::Degraded(troubles) => troubles,
            _ => &[],
        }
    }

    /// Whether runs and notifications may still change what is mirrored.
    pub(crate) const fn is_alive(&self) -> bool {
        !matches!(
            self,
            Self::Disconnected | Self::Disconnecting | Self::Purged
        )
    }

    /// How much it wants to be seen; what is worst must not hide behind what works.
    pub(crate) const fn urgency(&self) -> u8 {
        match self {
            Self::Purged => 0,
            Self::Connected => 1,
            Self::Syncing => 2,
            Self::Connecting => 3,
            Self::Paused => 4,
            Self::Disconnecting => 5,
            Self::Degraded(_) => 6,
            Self::Disconnected => 7,
        }
    }
}

impl Trouble {
    /// As programs read it.
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::SyncFailed => "sync_failed",
            Self::PermissionMissing(_) => "permission_missing",
            Self::NotificationsSilent => "notifications_silent",
            Self::DriftHigh => "drift_high",
        }
    }

    /// What is lacking, in a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::SyncFailed => "The last sync failed; what was read before is kept.".to_owned(),
            Self::PermissionMissing(names) => format!(
                "The token may not read everything; missing: {}.",
                names.join(", ")
            ),
            Self::NotificationsSilent => {
                "Intercom has stopped sending notifications, while syncs find changes.".to_owned()
            }
            Self::DriftHigh => {
                "Syncs had to correct much over the last day that notifications should have told."
                    .to_owned()
            }
        }
    }

    /// What to do about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::SyncFailed => "Its log says why. Mend the cause, then sync again.",
            Self::PermissionMissing(_) => {
                "Tick them under Authentication of the app in Intercom's Developer Hub, press Test connection, then Retry sync."
            }
            Self::NotificationsSilent => {
                "Compare address, secret and topics under Webhooks with the app in Intercom's Developer Hub. Until then each sync finds what was missed."
            }
            Self::DriftHigh => {
                "Drift shows what was wrong and why; most often a topic is missing under Webhooks."
            }
        }
    }
}

fn troubles(syncing: &Syncing, heard_at: Option<DateTime<Utc>>) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    if syncing.run.is_some_and(|run| run.stage == Stage::Failed) {
        troubles.push(Trouble::SyncFailed);
    }
    if !syncing.missing_permissions.is_empty() {
        troubles.push(Trouble::PermissionMissing(
            syncing.missing_permissions.clone(),
        ));
    }
    if syncing.run.is_some_and(|run| is_silent(run, heard_at)) {
        troubles.push(Trouble::NotificationsSilent);
    }
    if syncing.is_drift_high {
        troubles.push(Trouble::DriftHigh);
    }
    troubles
}

/// Whether a run found what notifications, once heard, should have told.
fn is_silent(run: LatestRun, heard_at: Option<DateTime<Utc>>) -> bool {
    let (Some(began_at), Some(heard_at)) = (run.began_at, heard_at) else {
        return false;
    };
    run.untold > 0 && began_at - heard_at >= SILENT_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn after(stage: Stage, has_ended_before: bool) -> Syncing {
        Syncing {
            run: Some(LatestRun {
                stage,
                began_at: Some(at(9)),
                untold: 0,
            }),
            has_ended_before,
            ..Syncing::default()
        }
    }

    #[test]
    fn each_state_follows_from_what_the_services_know() {
        let paused = Syncing {
            is_paused: true,
            is_drift_high: true,
            ..after(Stage::GoingOn, false)
        };
        for (life, syncing, slug) in [
            (Life::Connected, None, "connected"),
            (Life::Connected, Some(Syncing::default()), "connecting"),
            (
                Life::Connected,
                Some(after(Stage::Queued, false)),
                "connecting",
            ),
            (
                Life::Connected,
                Some(after(Stage::Queued, true)),
                "connected",
            ),
            (
                Life::Connected,
                Some(after(Stage::GoingOn, false)),
                "syncing",
            ),
            (
                Life::Connected,
                Some(after(Stage::GoingOn, true)),
                "connected",
            ),
            (
                Life::Connected,
                Some(after(Stage::Ended, true)),
                "connected",
            ),
            (
                Life::Connected,
                Some(after(Stage::Failed, true)),
                "degraded",
            ),
            (
                Life::Connected,
                Some(after(Stage::Failed, false)),
                "degraded",
            ),
            (Life::Connected, Some(paused.clone()), "paused"),
            (Life::Disconnected, Some(paused), "disconnected"),
            (
                Life::Disconnecting,
                Some(after(Stage::Ended, true)),
                "disconnecting",
            ),
            (Life::Purged, None, "purged"),
        ] {
            let status = ConnectionStatus::compose(life, syncing.as_ref(), None);
            assert_eq!(status.slug(), slug, "{life:?} {syncing:?}");
        }
    }

    #[test]
    fn what_is_lacking_is_told_with_a_remedy() {
        let lacking = Syncing {
            missing_permissions: vec!["Read tags".to_owned(), "Read conversations".to_owned()],
            is_drift_high: true,
            ..after(Stage::Failed, true)
        };
        let status = ConnectionStatus::compose(Life::Connected, Some(&lacking), None);
        let slugs: Vec<_> = status.troubles().iter().map(Trouble::slug).collect();
        assert_eq!(slugs, ["sync_failed", "permission_missing", "drift_high"]);
        assert!(
            status.troubles()[1]
                .words()
                .contains("Read tags, Read conversations")
        );
        for trouble in status.troubles() {
            assert!(trouble.words().ends_with('.') && trouble.remedy().ends_with('.'));
        }
    }

    #[test]
    fn silence_is_a_trouble_only_where_notifications_used_to_come_and_something_happened() {
        for (untold, heard_at, is_silent) in [
            (3, Some(at(8)), true),
            (3, Some(at(0)), true),
            (3, Some(at(9)), false),
            (3, Some(at(8) + TimeDelta::minutes(1)), false),
            (0, Some(at(0)), false),
            (3, None, false),
        ] {
            let mut syncing = after(Stage::Ended, true);
            syncing.run.as_mut().unwrap().untold = untold;
            let status = ConnectionStatus::compose(Life::Connected, Some(&syncing), heard_at);
            let told = status.troubles() == [Trouble::NotificationsSilent];
            assert_eq!(told, is_silent, "{untold} {heard_at:?}");
        }
    }

    #[test]
    fn what_is_worst_is_the_most_urgent() {
        let mut all = [
            ConnectionStatus::Connected,
            ConnectionStatus::Disconnected,
            ConnectionStatus::Degraded(vec![Trouble::DriftHigh]),
            ConnectionStatus::Purged,
            ConnectionStatus::Paused,
        ];
        all.sort_by_key(ConnectionStatus::urgency);
        let slugs = all.each_ref().map(ConnectionStatus::slug);
        assert_eq!(
            slugs,
            ["purged", "connected", "paused", "degraded", "disconnected"]
        );
    }
}
