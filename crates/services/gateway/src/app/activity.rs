//! What happened of late, for people: the latest of each organization, held in memory and filled from the streams.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::wire::events::v1::RecordCause;
use harken_contracts::wire::types::v1::RiskLevel;
use harken_domain::{ConnectionId, OrganizationId};

/// Entries kept per organization.
const KEPT: usize = 200;
/// A score that moves this soon after something happened to its customer moved because of it.
const CONSEQUENCE: TimeDelta = TimeDelta::seconds(90);
/// For how long scores may still follow from what a sync read.
const AFTERMATH: TimeDelta = TimeDelta::seconds(60);
/// How many of the latest entries may have had a consequence yet.
const NEAR: usize = 50;

/// Something that happened to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: DateTime<Utc>,
    /// `cus_…`; empty where nobody known takes part.
    pub(crate) customer: String,
    /// `cnv_…`, where it is about a conversation that is still there.
    pub(crate) conversation: Option<String>,
    /// What happened to the record; none where only time passed.
    pub(crate) cause: Option<RecordCause>,
    pub(crate) movement: Option<Movement>,
}

/// How a score moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Movement {
    pub(crate) from: Option<u32>,
    pub(crate) to: Option<u32>,
    pub(crate) level: RiskLevel,
    pub(crate) reason: String,
}

/// The latest entries of every organization. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<OrganizationId, VecDeque<Entry>>,
    /// Until when scores of a connection move because a sync reads its history.
    importing: HashMap<ConnectionId, DateTime<Utc>>,
}

impl Activity {
    /// Notes what happened.
    pub(crate) fn note(&self, organization: OrganizationId, entry: Entry) {
        self.kept().note(organization, entry);
    }

    /// A sync reads history, until it ended: what scores do because of it is nothing that happens.
    pub(crate) fn importing(&self, connection: ConnectionId, ended: Option<DateTime<Utc>>) {
        let until = ended.map_or(DateTime::<Utc>::MAX_UTC, |at| at + AFTERMATH);
        self.kept().importing.insert(connection, until);
    }

    /// Notes that a score moved: beside what moved it, where that is known.
    pub(crate) fn moved(
        &self,
        (organization, connection): (OrganizationId, ConnectionId),
        customer: &str,
        at: DateTime<Utc>,
        movement: Movement,
    ) {
        let mut kept = self.kept();
        let until = kept.importing.get(&connection);
        let is_importing = until.is_some_and(|until| at < *until);
        let entries = kept.entries.entry(organization).or_default();
        let cause = entries
            .iter_mut()
            .rev()
            .take(NEAR)
            .find(|entry| entry.customer == customer && (at - entry.at).abs() <= CONSEQUENCE);
        match cause {
            Some(entry) if entry.movement.is_none() => entry.movement = Some(movement),
            _ if is_importing => {}
            _ if movement.from.is_some() && movement.from != movement.to => {
                let entry = Entry {
                    at,
                    customer: customer.to_owned(),
                    conversation: None,
                    cause: None,
                    movement: Some(movement),
                };
                kept.note(organization, entry);
            }
            // A first score, or the same one: nothing moved.
            _ => {}
        }
    }

    /// Forgets what happened in an organization, one of whose connections is erased: entries name customers, not connections.
    pub(crate) fn forget(&self, organization: OrganizationId, connection: ConnectionId) {
        let mut kept = self.kept();
        kept.entries.remove(&organization);
        kept.importing.remove(&connection);
    }

    /// The latest entries, newest first.
    pub(crate) fn latest(
        &self,
        organization: OrganizationId,
        wanted: impl Fn(&Entry) -> bool,
        most: usize,
    ) -> Vec<Entry> {
        let kept = self.kept();
        let entries = kept.entries.get(&organization).into_iter().flatten().rev();
        entries
            .filter(|entry| wanted(entry))
            .take(most)
            .cloned()
            .collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn note(&mut self, organization: OrganizationId, entry: Entry) {
        let entries = self.entries.entry(organization).or_default();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> OrganizationId {
        OrganizationId::derive(&[b"a"])
    }

    fn workspace() -> (OrganizationId, ConnectionId) {
        (ours(), ConnectionId::derive(&[b"w"]))
    }

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + secs, 0).unwrap()
    }

    fn reopened(secs: i64, customer: &str) -> Entry {
        Entry {
            at: at(secs),
            customer: customer.to_owned(),
            conversation: Some("cnv_1".to_owned()),
            cause: Some(RecordCause::ConversationReopened),
            movement: None,
        }
    }

    fn movement(from: Option<u32>, to: u32) -> Movement {
        Movement {
            from,
            to: Some(to),
            level: RiskLevel::AtRisk,
            reason: "a conversation was reopened".to_owned(),
        }
    }

    fn all(activity: &Activity) -> Vec<Entry> {
        activity.latest(ours(), |_| true, 50)
    }

    #[test]
    fn a_movement_stands_beside_what_moved_it() {
        let activity = Activity::default();
        activity.note(ours(), reopened(0, "ada"));
        activity.note(ours(), reopened(1, "bob"));
        activity.moved(workspace(), "ada", at(2), movement(Some(71), 58));
        let entries = all(&activity);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1].movement, Some(movement(Some(71), 58)));
        assert_eq!(entries[0].movement, None);
    }

    #[test]
    fn a_movement_of_its_own_is_an_entry_and_a_first_score_is_none() {
        let activity = Activity::default();
        activity.note(ours(), reopened(0, "ada"));
        activity.moved(workspace(), "ada", at(600), movement(Some(58), 57));
        activity.moved(workspace(), "cid", at(600), movement(None, 80));
        activity.moved(workspace(), "cid", at(600), movement(Some(80), 80));
        let entries = all(&activity);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].cause, None);
    }

    #[test]
    fn scores_that_follow_from_a_sync_are_nothing_that_happens() {
        let activity = Activity::default();
        activity.importing(workspace().1, None);
        activity.moved(workspace(), "eve", at(0), movement(Some(90), 10));
        activity.importing(workspace().1, Some(at(0)));
        activity.note(ours(), reopened(1, "ada"));
        activity.moved(workspace(), "ada", at(2), movement(Some(71), 58));
        activity.moved(workspace(), "bob", at(30), movement(Some(70), 60));
        activity.moved(workspace(), "cid", at(61), movement(Some(50), 40));
        let entries = all(&activity);
        assert_eq!(entries.len(), 2);
        assert!(
            entries[1].movement.is_some(),
            "what happened meanwhile counts"
        );
        assert_eq!(entries[0].customer, "cid");
    }

    #[test]
    fn an_erased_connection_leaves_nothing_of_its_organization_and_no_other_loses_any() {
        let activity = Activity::default();
        let other = OrganizationId::derive(&[b"b"]);
        activity.note(other, reopened(0, "eve"));
        activity.note(ours(), reopened(0, "ada"));
        activity.forget(ours(), workspace().1);
        assert_eq!(all(&activity), []);
        assert_eq!(activity.latest(other, |_| true, 50).len(), 1);
    }

    #[test]
    fn organizations_see_their_own_and_the_oldest_go() {
        let activity = Activity::default();
        activity.note(OrganizationId::derive(&[b"b"]), reopened(0, "eve"));
        for secs in 0..=i64::try_from(KEPT).unwrap() {
            activity.note(ours(), reopened(secs, "ada"));
        }
        let entries = activity.latest(ours(), |_| true, usize::MAX);
        assert_eq!(entries.len(), KEPT);
        assert_eq!(entries.last().unwrap().at, at(1));
        assert!(entries.iter().all(|entry| entry.customer == "ada"));
    }
}
