use std::time::Duration;

use futures::{StreamExt as _, stream};
use harken_bus::{DeadLetter, DeadLetterError};
use harken_contracts::wire::dead::v1::{DeadLetterSelection, DisposalReport};
use harken_domain::Role;
use tokio::time::Instant;

use super::select::Selected;
use super::{DeadLetters, audit, refused, told};
use crate::outbound::{Acting, Answer};

/// Letters in a report.
const SAMPLE: usize = 20;
/// Letters that leave at once.
const AT_ONCE: usize = 16;
/// Letters that are found at once.
const SLICE: usize = 512;
/// Most letters that one call disposes of, and for how long it goes on.
const MOST: u64 = 5_000;
const GOES_ON: Duration = Duration::from_secs(20);

/// How dead letters leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposal {
    /// Back to their readers.
    Replay,
    /// For good.
    Drop,
}

impl Disposal {
    /// The disposal that an address names.
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "replay" => Some(Self::Replay),
            "drop" => Some(Self::Drop),
            _ => None,
        }
    }

    pub(super) const fn action(self) -> &'static str {
        match self {
            Self::Replay => "dead_letters.replayed",
            Self::Drop => "dead_letters.dropped",
        }
    }
}

impl DeadLetters {
    /// Disposes of what is selected, or says only what that would be. Written to the audit log first: without, nothing is
    /// done. Doing it again does what is left.
    pub(crate) async fn dispose(
        &self,
        acting: Acting,
        disposal: Disposal,
        selection: DeadLetterSelection,
        dry_run: bool,
    ) -> Answer<DisposalReport> {
        acting.require(Role::Admin)?;
        let deed = audit::Deed::new(disposal, &selection);
        // Letters that die from here on are not meant.
        let end = self
            .bus
            .dead_letters()
            .end()
            .await
            .map_err(|cause| refused(&cause))?;
        let selected = self.select(acting, selection).await?;
        let (sample, count) = self.newest(&selected, None, SAMPLE).await?;
        let report = DisposalReport {
            count,
            sample: sample.into_iter().map(told).collect(),
            dry_run,
            remaining: 0,
        };
        if dry_run || count == 0 {
            return Ok(report);
        }
        deed.record(&self.rooms.for_caller(acting), acting, count)
            .await?;
        let done = match selected {
            Selected::These(letters) => self.send_off(disposal, letters).await?,
            Selected::All(selection) => {
                let begun = Instant::now();
                let (mut done, mut from) = (0, 0);
                while done < MOST && begun.elapsed() < GOES_ON {
                    let all = self.bus.dead_letters();
                    let oldest = all.oldest(&selection, from, SLICE).await;
                    let mut letters = oldest.map_err(|cause| refused(&cause))?;
                    letters.retain(|letter| letter.id < end);
                    let Some(last) = letters.last() else { break };
                    from = last.id + 1;
                    done += self.send_off(disposal, letters).await?;
                }
                done
            }
        };
        Ok(DisposalReport {
            count: done,
            remaining: count.saturating_sub(done),
            ..report
        })
    }

    /// Answers how many left; those that nobody reads stay.
    async fn send_off(&self, disposal: Disposal, letters: Vec<DeadLetter>) -> Answer<u64> {
        let dead = self.bus.dead_letters();
        let leaving = stream::iter(letters).map(|letter| {
            let dead = dead.clone();
            async move {
                match disposal {
                    Disposal::Replay => dead.replay(letter.id).await,
                    Disposal::Drop => dead.drop(letter.id).await,
                }
            }
        });
        let mut leaving = leaving.buffer_unordered(AT_ONCE);
        let mut left = 0;
        while let Some(one) = leaving.next().await {
            match one {
                Ok(was_there) => left += u64::from(was_there),
                Err(DeadLetterError::Unread) => {}
                Err(cause) => return Err(refused(&cause)),
            }
        }
        Ok(left)
    }
}
