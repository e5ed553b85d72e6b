//! Finding dead letters. The stream is read in windows from its end, headers alone, and the server picks by subject: a
//! page costs what it shows, not what 90 days hold.

use std::collections::VecDeque;
use std::ops::Range;

use async_nats::datetime;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream as Kept};
use chrono::{DateTime, Utc};
use harken_contracts::subjects::{self, Stream};

use super::epitaph::Epitaph;
use super::letter::{DeadLetter, DeadLetterError, WholeDeadLetter, unreadable};
use super::reading::Reading;
use super::selection::DeadLetterSelection;
use crate::Bus;
use crate::delivery::read_headers;

/// Sequences of the first window; each one further back is twice as wide.
const FIRST_WINDOW: u64 = 256;
const WIDEST_WINDOW: u64 = 65_536;

/// The messages that nobody could take.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    pub(super) bus: Bus,
}

impl Bus {
    /// The messages that nobody could take.
    pub fn dead_letters(&self) -> DeadLetters {
        DeadLetters { bus: self.clone() }
    }
}

impl DeadLetters {
    /// At most `most` letters, newest first, of those below the id `below` if one is given.
    pub async fn list(
        &self,
        selection: &DeadLetterSelection,
        below: Option<u64>,
        most: usize,
    ) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let kept = self.stream().await?;
        let range = self.range(&kept, selection).await?;
        let mut end = below.map_or(range.end, |below| range.end.min(below));
        let (mut found, mut width) = (Vec::new(), FIRST_WINDOW);
        while end > range.start && found.len() < most {
            let start = end.saturating_sub(width).max(range.start);
            let room = most - found.len();
            let mut newest = VecDeque::with_capacity(room);
            let mut reading = self.read_from(&kept, selection, start..end).await?;
            while let Some(letters) = reading.next().await? {
                for letter in letters {
                    if newest.len() == room {
                        newest.pop_front();
                    }
                    newest.push_back(letter);
                }
            }
            reading.end(&kept).await;
            found.extend(newest.into_iter().rev());
            end = start;
            width = (width * 2).min(WIDEST_WINDOW);
        }
        Ok(found)
    }

    /// At most `most` letters, oldest first, of those from the id `from` on.
    pub async fn oldest(
        &self,
        selection: &DeadLetterSelection,
        from: u64,
        most: usize,
    ) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let kept = self.stream().await?;
        let range = self.range(&kept, selection).await?;
        let from = range.start.max(from)..range.end;
        let mut reading = self.read_from(&kept, selection, from).await?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(letters) = reading.next().await?
        {
            found.extend(letters);
        }
        reading.end(&kept).await;
        found.truncate(most);
        Ok(found)
    }

    /// How many letters are selected.
    pub async fn count(&self, selection: &DeadLetterSelection) -> Result<u64, DeadLetterError> {
        let kept = self.stream().await?;
        let range = self.range(&kept, selection).await?;
        let mut from = [0; 2];
        for (count, edge) in from.iter_mut().zip([range.start, range.end]) {
            let reading = self.read_from(&kept, selection, edge..u64::MAX).await?;
            *count = reading.ahead;
            reading.end(&kept).await;
        }
        Ok(from[0].saturating_sub(from[1]))
    }

    /// A letter with its message; none if there is none of this id.
    pub async fn read(&self, id: u64) -> Result<Option<WholeDeadLetter>, DeadLetterError> {
        let message = match self.stream().await?.get_raw_message(id).await {
            Ok(message) => message,
            Err(cause) if cause.kind() == LastRawMessageErrorKind::NoMessageFound => {
                return Ok(None);
            }
            Err(cause) => return Err(unreadable(cause)),
        };
        let mut headers = read_headers(Some(&message.headers));
        let size = u64::try_from(message.payload.len()).unwrap_or(u64::MAX);
        let Some(letter) = DeadLetter::read(id, &headers, message.time, size) else {
            return Ok(None);
        };
        headers.retain(|(name, _)| !Epitaph::owns(name));
        Ok(Some(WholeDeadLetter {
            letter,
            headers,
            payload: message.payload,
        }))
    }

    /// The id below which all letters are that there are now.
    pub async fn end(&self) -> Result<u64, DeadLetterError> {
        let info = self.stream().await?.get_info().await.map_err(unreadable)?;
        Ok(info.state.last_sequence + 1)
    }

    pub(super) async fn stream(&self) -> Result<Kept<()>, DeadLetterError> {
        let name = self.bus.prefix.stream(Stream::Dead);
        let kept = self.bus.jetstream.get_stream_no_info(name).await;
        kept.map_err(unreadable)
    }

    /// The ids between which the selected letters lie.
    async fn range(
        &self,
        kept: &Kept<()>,
        selection: &DeadLetterSelection,
    ) -> Result<Range<u64>, DeadLetterError> {
        let state = kept.get_info().await.map_err(unreadable)?.state;
        let (mut start, mut end) = (state.first_sequence, state.last_sequence + 1);
        if let Some(since) = selection.since {
            start = start.max(self.first_at(kept, since).await?.unwrap_or(end));
        }
        if let Some(before) = selection.before {
            end = end.min(self.first_at(kept, before).await?.unwrap_or(end));
        }
        Ok(start..end.max(start))
    }

    /// The id of the first letter that died at this moment or later.
    async fn first_at(
        &self,
        kept: &Kept<()>,
        at: DateTime<Utc>,
    ) -> Result<Option<u64>, DeadLetterError> {
        let nanos = at.timestamp_nanos_opt().unwrap_or(i64::MAX);
        let start_time = datetime::from_nanos(nanos.into()).map_err(DeadLetterError::Read)?;
        let subjects = vec![self.bus.prefix.subject(subjects::all_dead().as_str())];
        let policy = DeliverPolicy::ByStartTime { start_time };
        let mut reading = Reading::begin(kept, subjects, policy, u64::MAX).await?;
        let first = reading.next_id().await?;
        reading.end(kept).await;
        Ok(first)
    }

    async fn read_from(
        &self,
        kept: &Kept<()>,
        selection: &DeadLetterSelection,
        range: Range<u64>,
    ) -> Result<Reading, DeadLetterError> {
        let policy = DeliverPolicy::ByStartSequence {
            start_sequence: range.start.max(1),
        };
        let subjects = selection.subjects(&self.bus.prefix);
        Reading::begin(kept, subjects, policy, range.end).await
    }
}
