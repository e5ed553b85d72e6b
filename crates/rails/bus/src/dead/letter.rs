use async_nats::datetime::DateTime as ServerTime;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use harken_contracts::subjects::Subject;
use harken_domain::{ConnectionId, OrganizationId};

use super::epitaph::Epitaph;
use crate::delivery::header;
use crate::{PublishError, headers};

/// A message that a reader could not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its place among the dead: grows with time.
    pub id: u64,
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// The service that could not take it.
    pub service: String,
    /// Why, a word from a short list.
    pub reason: String,
    /// What went wrong, without content.
    pub error: String,
    /// The event's type.
    pub event_type: String,
    /// Id of the message, as its readers know it.
    pub message_id: String,
    /// Where it was told.
    pub subject: Subject,
    /// Times it was tried.
    pub attempts: u64,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
    /// Bytes of the message.
    pub size_bytes: u64,
}

/// A dead letter and what it carries.
#[derive(Clone, Debug)]
pub struct WholeDeadLetter {
    /// The dead letter.
    pub letter: DeadLetter,
    /// The message's own headers.
    pub headers: Vec<(String, String)>,
    /// The event, encoded.
    pub payload: Bytes,
}

/// Why dead letters cannot be read or sent on their way.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// The server does not let us read them.
    #[error("dead letters cannot be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The message cannot be given back now.
    #[error("the message cannot be given back to its readers")]
    Publish(#[from] PublishError),
    /// The message does not belong to any stream that is read.
    #[error("nobody reads the subject on which the message was told")]
    Unread,
    /// It was not removed; doing so again does no harm.
    #[error("the dead letter was not removed")]
    Remove(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DeadLetter {
    /// Reads a letter by its headers; none if it does not carry what ours carry.
    pub(super) fn read(
        id: u64,
        headers: &[(String, String)],
        died_at: ServerTime,
        size_bytes: u64,
    ) -> Option<Self> {
        let epitaph = Epitaph::read(headers)?;
        let service = epitaph.consumer.split('-').next()?;
        Some(Self {
            id,
            organization: header(headers, headers::ORGANIZATION)?.parse().ok()?,
            connection: header(headers, headers::CONNECTION)?.parse().ok()?,
            service: service.to_owned(),
            event_type: header(headers, headers::EVENT)?.to_owned(),
            subject: Subject::from_wire(epitaph.subject),
            message_id: epitaph.message_id,
            attempts: epitaph.deliveries,
            reason: epitaph.reason,
            error: epitaph.error,
            died_at: moment(died_at),
            size_bytes,
        })
    }
}

/// The server's clock counts nanoseconds, in the type of a crate that is its own.
fn moment(at: ServerTime) -> DateTime<Utc> {
    let nanos = i64::try_from(at.unix_timestamp_nanos()).unwrap_or(i64::MAX);
    DateTime::from_timestamp_nanos(nanos)
}

pub(super) fn unreadable(
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> DeadLetterError {
    DeadLetterError::Read(cause.into())
}
