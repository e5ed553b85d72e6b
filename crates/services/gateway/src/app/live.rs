use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use harken_domain::OrganizationId;
use tokio::sync::broadcast;

use crate::rules::place::{Place, Source};

/// How many bytes of events are kept for who lost the line for a while.
const KEPT_BYTES: usize = 32 * 1024 * 1024;
/// How many messages a slow reader may be behind.
const BEHIND: usize = 2_048;

/// A message of the bus, as those are told who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiveEvent {
    pub(crate) source: Source,
    pub(crate) sequence: u64,
    pub(crate) organization: OrganizationId,
    /// What it tells, in order.
    pub(crate) told: Arc<[Told]>,
    /// Where a reader is who has heard all of it.
    pub(crate) place: Place,
    /// Where a reader is who has not.
    pub(crate) before: Place,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its name, such as `conversation.reopened`.
    pub(crate) name: &'static str,
    /// JSON.
    pub(crate) data: String,
}

/// Hands events on to everybody who watches, and keeps the latest. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    kept: Arc<Mutex<Kept>>,
    sender: broadcast::Sender<LiveEvent>,
}

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<LiveEvent>,
    bytes: usize,
    /// Everything behind this place is among the events; none before the bus was read.
    since: Option<Place>,
    /// How far the bus was read.
    place: Place,
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

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            kept: Arc::default(),
            sender: broadcast::Sender::new(BEHIND),
        }
    }

    /// Reading of the bus begins behind this place.
    pub(crate) fn begin(&self, place: Place) {
        let mut kept = self.kept();
        kept.place = place;
        kept.since = Some(place);
    }

    /// How far the bus was read; none before it was.
    pub(crate) fn place(&self) -> Option<Place> {
        let kept = self.kept();
        kept.since.map(|_| kept.place)
    }

    /// Tells what a message says; it may say nothing.
    pub(crate) fn tell(
        &self,
        (source, sequence): (Source, u64),
        organization: OrganizationId,
        told: Vec<Told>,
    ) {
        let mut kept = self.kept();
        let before = kept.place;
        let place = before.after(source, sequence);
        kept.place = place;
        if told.is_empty() {
            return;
        }
        let event = LiveEvent {
            source,
            sequence,
            organization,
            told: told.into(),
            place,
            before,
        };
        kept.keep(event.clone());
        // Sent under the lock, so that a subscriber finds each event kept or coming, never both. Nobody may be watching.
        let _ = self.sender.send(event);
    }

    /// Watches from now on, or from behind what was seen last.
    pub(crate) fn watch(&self, organization: OrganizationId, seen: Option<Place>) -> Subscription {
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
            .events
            .iter()
            .filter(|event| event.organization == organization && event.is_beyond(seen));
        Subscription {
            missed: missed.cloned().collect(),
            has_gap: kept.since.is_none_or(|since| seen.lacks(since)),
            coming,
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, event: LiveEvent) {
        self.bytes += event.bytes();
        self.events.push_back(event);
        while self.bytes > KEPT_BYTES
            && let Some(oldest) = self.events.pop_front()
        {
            self.bytes -= oldest.bytes();
            let since = self.since.unwrap_or_default();
            self.since = Some(since.after(oldest.source, oldest.sequence));
        }
    }
}

impl LiveEvent {
    /// Whether who saw everything up to `seen` has not seen this.
    pub(crate) fn is_beyond(&self, seen: Place) -> bool {
        self.sequence > seen.of(self.source)
    }

    fn bytes(&self) -> usize {
        let told = self.told.iter().map(|told| told.data.len());
        size_of::<Self>() + told.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> OrganizationId {
        OrganizationId::derive(&[b"a"])
    }

    fn told(data: &str) -> Vec<Told> {
        vec![Told {
            name: "run",
            data: data.to_owned(),
        }]
    }

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    fn missed(live: &Live, seen: &str) -> Vec<String> {
        let subscription = live.watch(ours(), Some(place(seen)));
        assert!(!subscription.has_gap);
        let missed = subscription.missed.iter();
        missed.map(|event| event.told[0].data.clone()).collect()
    }

    #[test]
    fn who_lost_the_line_gets_what_was_missed_in_both_streams_and_nothing_of_others() {
        let live = Live::new();
        live.begin(place("10-100"));
        let theirs = OrganizationId::derive(&[b"b"]);
        live.tell((Source::Signal, 11), ours(), told("s11"));
        live.tell((Source::Record, 101), ours(), told("r101"));
        live.tell((Source::Signal, 12), theirs, told("s12"));
        live.tell((Source::Record, 102), ours(), Vec::new());
        live.tell((Source::Signal, 13), ours(), told("s13"));
        assert_eq!(missed(&live, "10-100"), ["s11", "r101", "s13"]);
        assert_eq!(missed(&live, "11-100"), ["r101", "s13"]);
        assert_eq!(missed(&live, "12-102"), ["s13"]);
        assert_eq!(live.place(), Some(place("13-102")));
    }

    #[test]
    fn a_gap_is_told() {
        let live = Live::new();
        assert!(live.watch(ours(), Some(place("7-7"))).has_gap);
        live.begin(place("9-9"));
        assert!(live.watch(ours(), Some(place("7-9"))).has_gap);
        assert!(!live.watch(ours(), Some(place("9-9"))).has_gap);
        assert!(!live.watch(ours(), None).has_gap);
    }

    #[test]
    fn the_oldest_events_make_room() {
        let live = Live::new();
        live.begin(place("0-0"));
        let large = "x".repeat(KEPT_BYTES / 2);
        for sequence in 1..=3 {
            live.tell((Source::Record, sequence), ours(), told(&large));
        }
        assert!(live.watch(ours(), Some(place("0-1"))).has_gap);
        assert_eq!(missed(&live, "0-2").len(), 1);
    }
}
