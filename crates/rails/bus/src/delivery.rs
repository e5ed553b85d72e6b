//! Messages in.

use bytes::Bytes;
use harken_contracts::events::Event;
use harken_contracts::subjects::Subject;
use harken_domain::{ConnectionId, OrganizationId};

use crate::headers;
use crate::names::Prefix;

/// A message as a handler sees it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id, the same at every delivery, and when it is replayed.
    pub message_id: String,
    /// Where it was published.
    pub subject: Subject,
    /// The event's type.
    pub event_type: String,
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// The event, encoded.
    pub payload: Bytes,
    /// How often it was delivered, this time included.
    pub deliveries: u64,
    /// Its place in its stream.
    pub sequence: u64,
    /// All headers.
    pub headers: Vec<(String, String)>,
}

/// A message that is not what its reader expects.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// It is of another type.
    #[error("{expected} was expected, the message is {found}")]
    Type {
        /// What the reader reads.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// Its bytes are no such event.
    #[error("the bytes are no {expected}")]
    Bytes {
        /// What the reader reads.
        expected: &'static str,
        /// Where it breaks.
        #[source]
        source: prost::DecodeError,
    },
}

impl Delivery {
    /// The event inside.
    pub fn decode<E: Event>(&self) -> Result<E, Undecodable> {
        if self.event_type != E::TYPE {
            return Err(Undecodable::Type {
                expected: E::TYPE,
                found: self.event_type.clone(),
            });
        }
        E::decode(self.payload.clone()).map_err(|source| Undecodable::Bytes {
            expected: E::TYPE,
            source,
        })
    }

    /// Reads a message of the server; none if it does not carry what ours carry.
    pub(crate) fn read(message: &async_nats::jetstream::Message, prefix: &Prefix) -> Option<Self> {
        let info = message.info().ok()?;
        let headers = read_headers(message.headers.as_ref());
        let header = |name: &str| header(&headers, name);
        Some(Self {
            message_id: header(headers::MESSAGE)
                .or_else(|| header(headers::MESSAGE_ID))?
                .to_owned(),
            event_type: header(headers::EVENT)?.to_owned(),
            organization: header(headers::ORGANIZATION)?.parse().ok()?,
            connection: header(headers::CONNECTION)?.parse().ok()?,
            subject: prefix.strip(&message.subject),
            payload: message.payload.clone(),
            deliveries: u64::try_from(info.delivered).unwrap_or(1),
            sequence: info.stream_sequence,
            headers,
        })
    }
}

pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let found = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

pub(crate) fn read_headers(map: Option<&async_nats::HeaderMap>) -> Vec<(String, String)> {
    let Some(map) = map else {
        return Vec::new();
    };
    let first = |(name, values): (&async_nats::HeaderName, &Vec<async_nats::HeaderValue>)| {
        Some((name.to_string(), values.first()?.as_str().to_owned()))
    };
    map.iter().filter_map(first).collect()
}
