//! How dead letters leave: back to their readers, or for good.

use harken_contracts::subjects::Stream;

use super::find::DeadLetters;
use super::letter::{DeadLetterError, WholeDeadLetter};
use crate::names::stream_of;
use crate::{Outgoing, headers};

impl DeadLetters {
    /// Gives a message back to all readers of its subject, then removes the letter; whether there was one.
    ///
    /// Readers see the message under the id it always had, so those that took it let it pass, however often this is done.
    pub async fn replay(&self, id: u64) -> Result<bool, DeadLetterError> {
        let Some(WholeDeadLetter {
            letter,
            mut headers,
            payload,
        }) = self.read(id).await?
        else {
            return Ok(false);
        };
        if stream_of(&letter.subject).is_none_or(|stream| stream == Stream::Dead) {
            return Err(DeadLetterError::Unread);
        }
        headers.retain(|(name, _)| name != headers::MESSAGE);
        headers.push((headers::MESSAGE.to_owned(), letter.message_id.clone()));
        self.bus
            .publish(Outgoing {
                // Another id for the stream, which may still remember the first; the same one at each attempt.
                message_id: format!("{}.replayed.{id}", letter.message_id),
                subject: letter.subject,
                headers,
                payload,
            })
            .await?;
        self.drop(id).await?;
        Ok(true)
    }

    /// Removes a letter for good; whether there was one.
    pub async fn drop(&self, id: u64) -> Result<bool, DeadLetterError> {
        match self.stream().await?.delete_message(id).await {
            Ok(was_there) => Ok(was_there),
            // Somebody else was faster.
            Err(_) if self.read(id).await?.is_none() => Ok(false),
            Err(cause) => Err(DeadLetterError::Remove(cause.into())),
        }
    }
}
