//! How fast a consumer goes on, by what became of its last batch.

use std::time::Duration;

use harken_runtime::Shutdown;

use super::Disposition;
use crate::Delivery;

/// The pause after the first failure in a row; it doubles up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What a batch says about the state of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Some message got through.
    Some,
    /// None did, but all of them had been refused before and wait for their own time.
    OldRefused,
    /// None did, new ones among them.
    NewRefused,
}

impl Progress {
    pub(super) fn of(batch: &[Delivery], dispositions: &[Disposition]) -> Self {
        let refused = |disposition: &Disposition| matches!(disposition, Disposition::Again { .. });
        if dispositions.is_empty() || !dispositions.iter().all(refused) {
            Self::Some
        } else if batch.iter().all(|delivery| delivery.deliveries > 1) {
            Self::OldRefused
        } else {
            Self::NewRefused
        }
    }
}

/// A wait that grows with each failure in a row.
#[derive(Debug)]
pub(super) struct Pause {
    next: Duration,
}

impl Default for Pause {
    fn default() -> Self {
        Self {
            next: SHORTEST_PAUSE,
        }
    }
}

impl Pause {
    pub(super) fn reset(&mut self) {
        self.next = SHORTEST_PAUSE;
    }

    pub(super) async fn wait(&mut self, shutdown: &Shutdown) {
        tokio::select! {
            () = tokio::time::sleep(self.next) => {}
            () = shutdown.requested() => {}
        }
        self.next = LONGEST_PAUSE.min(self.next * 2);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use harken_contracts::subjects::all_records;
    use harken_domain::{ConnectionId, OrganizationId};

    use super::*;

    fn delivered(deliveries: u64) -> Delivery {
        Delivery {
            message_id: String::new(),
            subject: all_records(),
            event_type: String::new(),
            organization: OrganizationId::derive(&[]),
            connection: ConnectionId::derive(&[]),
            payload: Bytes::new(),
            deliveries,
            sequence: 1,
            headers: Vec::new(),
        }
    }

    #[test]
    fn only_new_messages_that_are_all_refused_slow_a_consumer_down() {
        let (done, again) = (Disposition::Done, Disposition::again("away"));
        let dead = Disposition::dead("undecodable", "bytes");
        let cases = [
            (vec![], vec![], Progress::Some),
            (vec![1], vec![done.clone()], Progress::Some),
            (vec![1], vec![again.clone()], Progress::NewRefused),
            (
                vec![2, 5],
                vec![again.clone(), again.clone()],
                Progress::OldRefused,
            ),
            (
                vec![2, 1],
                vec![again.clone(), again.clone()],
                Progress::NewRefused,
            ),
            (vec![1, 1], vec![again.clone(), dead], Progress::Some),
            (vec![2, 1], vec![again, done], Progress::Some),
        ];
        for (deliveries, dispositions, expected) in cases {
            let batch: Vec<_> = deliveries.iter().copied().map(delivered).collect();
            assert_eq!(
                Progress::of(&batch, &dispositions),
                expected,
                "{deliveries:?}"
            );
        }
    }
}
