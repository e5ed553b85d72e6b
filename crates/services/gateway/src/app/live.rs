use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use harken_domain::OrganizationId;
use tokio::sync::broadcast;

/// How many events are kept for who lost the line for a moment.
const KEPT: usize = 2_048;

/// What happened, to be told to who watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiveEvent {
    /// Its place in the stream; grows.
    pub(crate) sequence: u64,
    pub(crate) organization: OrganizationId,
    pub(crate) topic: Topic,
    /// JSON.
    pub(crate) data: Arc<str>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Run,
    Score,
    Connection,
}

/// Hands events on to everybody who watches, and keeps the latest. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    kept: Arc<Mutex<VecDeque<LiveEvent>>>,
    sender: broadcast::Sender<LiveEvent>,
}

/// What a watcher gets.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// What happened since the event that the watcher saw last.
    pub(crate) missed: Vec<LiveEvent>,
    /// Whether more was missed than is kept.
    pub(crate) has_gap: bool,
    pub(crate) coming: broadcast::Receiver<LiveEvent>,
}

impl Topic {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Score => "score",
            Self::Connection => "connection",
        }
    }
}

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            kept: Arc::default(),
            sender: broadcast::Sender::new(KEPT),
        }
    }

    pub(crate) fn tell(&self, event: LiveEvent) {
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(event.clone());
        // Sent under the lock, so that a subscriber finds each event kept or coming, never both. Nobody may be watching.
        let _ = self.sender.send(event);
    }

    /// Watches from now on, or from behind the event that was seen last.
    pub(crate) fn watch(&self, organization: OrganizationId, seen: Option<u64>) -> Subscription {
        let kept = self.kept();
        let coming = self.sender.subscribe();
        let Some(seen) = seen else {
            return Subscription {
                missed: Vec::new(),
                has_gap: false,
                coming,
            };
        };
        let missed = kept
            .iter()
            .filter(|event| event.sequence > seen && event.organization == organization);
        Subscription {
            missed: missed.cloned().collect(),
            has_gap: kept.front().is_none_or(|oldest| oldest.sequence > seen + 1),
            coming,
        }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<LiveEvent>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: u64, organization: OrganizationId) -> LiveEvent {
        LiveEvent {
            sequence,
            organization,
            topic: Topic::Run,
            data: "{}".into(),
        }
    }

    #[test]
    fn who_lost_the_line_gets_what_was_missed_and_nothing_of_others() {
        let (ours, theirs) = (
            OrganizationId::derive(&[b"a"]),
            OrganizationId::derive(&[b"b"]),
        );
        let live = Live::new();
        for sequence in 1..=5 {
            live.tell(event(
                sequence,
                if sequence % 2 == 0 { theirs } else { ours },
            ));
        }
        let subscription = live.watch(ours, Some(2));
        assert_eq!(subscription.missed, [event(3, ours), event(5, ours)]);
        assert!(!subscription.has_gap);
    }

    #[test]
    fn a_gap_is_told() {
        let ours = OrganizationId::derive(&[b"a"]);
        let live = Live::new();
        assert!(live.watch(ours, Some(7)).has_gap);
        live.tell(event(9, ours));
        assert!(live.watch(ours, Some(7)).has_gap);
        assert!(!live.watch(ours, Some(8)).has_gap);
        assert!(!live.watch(ours, None).has_gap);
    }
}
