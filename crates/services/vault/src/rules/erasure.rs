//! When a connection counts as erased, and when that takes too long.

use chrono::{DateTime, TimeDelta, Utc};

/// Services that keep something of connections and answer by an event what they erased. The one list.
pub(crate) const ANSWERING: [&str; 3] = ["ingress", "scoring", "sync"];
/// What the vault answers for itself: its own tables and the bus.
pub(crate) const OWN: &str = "vault";
pub(crate) const BUS: &str = "bus";

/// After how long an erasure is late.
pub(crate) const OVERDUE_AFTER: TimeDelta = TimeDelta::hours(24);
/// After how long the bus is cleared once more: an edge remembers for a minute where notifications go.
pub(crate) const SWEEP_AFTER: TimeDelta = TimeDelta::minutes(2);

/// An erasure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub requested_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
    /// Services whose receipt is in.
    pub answered: Vec<String>,
}

impl Standing {
    /// Who has not answered yet; the vault answers last.
    pub(crate) fn waiting_for(&self) -> Vec<&'static str> {
        if self.completed_at.is_some() {
            return Vec::new();
        }
        let has_answered = |service: &&str| self.answered.iter().any(|one| one == service);
        let silent = ANSWERING.into_iter().filter(|one| !has_answered(one));
        let silent: Vec<&str> = silent.collect();
        if silent.is_empty() { vec![OWN] } else { silent }
    }

    /// Whether every service has answered.
    pub(crate) fn is_answered(&self) -> bool {
        self.waiting_for() == [OWN]
    }

    pub(crate) fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.completed_at.is_none() && now - self.requested_at >= OVERDUE_AFTER
    }

    /// What members are told when it is.
    pub(crate) fn overdue_words(&self) -> String {
        format!(
            "its data is not removed after 24 hours: waiting for {}",
            self.waiting_for().join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(answered: &[&str], completed: bool) -> Standing {
        Standing {
            requested_at: DateTime::UNIX_EPOCH,
            completed_at: completed.then_some(DateTime::UNIX_EPOCH),
            answered: answered.iter().map(|one| (*one).to_owned()).collect(),
        }
    }

    #[test]
    fn the_vault_answers_when_all_others_have() {
        for (answered, completed, waiting) in [
            (&[][..], false, &["ingress", "scoring", "sync"][..]),
            (&["sync"], false, &["ingress", "scoring"]),
            (&["sync", "ingress", "somebody"], false, &["scoring"]),
            (&["sync", "ingress", "scoring"], false, &["vault"]),
            (&["sync", "ingress", "scoring"], true, &[]),
        ] {
            let standing = standing(answered, completed);
            assert_eq!(standing.waiting_for(), waiting);
            assert_eq!(standing.is_answered(), waiting == ["vault"]);
        }
    }

    #[test]
    fn an_erasure_is_late_after_a_day_and_says_for_whom_it_waits() {
        let late = DateTime::UNIX_EPOCH + OVERDUE_AFTER;
        let waiting = standing(&["sync", "ingress"], false);
        assert!(!waiting.is_overdue(late - TimeDelta::seconds(1)));
        assert!(waiting.is_overdue(late));
        assert!(waiting.overdue_words().ends_with("waiting for scoring"));
        assert!(!standing(&[], true).is_overdue(late));
    }
}
