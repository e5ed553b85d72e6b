//! Which message is which event, and where it goes.

use harken_domain::{ConnectionId, InvalidId, OrganizationId};

use crate::{
    subjects::{self, Lane, RecordKind, Subject},
    wire::events::v1::{
        ConnectionClosed, ConnectionErased, ConnectionOpened, RecordChanged, RunEnded,
        RunProgressed, ScoreChanged, WebhookReceived, record_change::Record,
    },
};

/// Most changes that one `RecordChanged` or `ScoreChanged` carries.
pub const MAX_CHANGES: usize = 256;

/// Where an event goes and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// The subject.
    pub subject: Subject,
}

/// An event that cannot be addressed.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEvent {
    /// An id in it is none.
    #[error("{field} of {event} is not an id")]
    Id {
        /// The event.
        event: &'static str,
        /// The field.
        field: &'static str,
        /// What is wrong.
        source: InvalidId,
    },
    /// It carries no change, or changes of several kinds.
    #[error("{event} carries no change, or changes of several kinds")]
    Mixed {
        /// The event.
        event: &'static str,
    },
}

/// A past-tense message of the bus.
pub trait Event: prost::Message + Default {
    /// Its name in the `harken-event` header; never changes.
    const TYPE: &'static str;

    /// Where it goes and whom it concerns.
    fn address(&self) -> Result<Address, InvalidEvent>;
}

macro_rules! address {
    ($event:ident, $self:ident, $subject:expr) => {{
        let organization = $self
            .organization_id
            .parse()
            .map_err(|source| InvalidEvent::Id {
                event: Self::TYPE,
                field: "organization_id",
                source,
            })?;
        let connection = $self
            .connection_id
            .parse()
            .map_err(|source| InvalidEvent::Id {
                event: Self::TYPE,
                field: "connection_id",
                source,
            })?;
        Ok(Address {
            organization,
            connection,
            subject: $subject(connection),
        })
    }};
}

impl Event for ConnectionOpened {
    const TYPE: &'static str = "connection.v1.opened";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(ConnectionOpened, self, subjects::connection_opened)
    }
}

impl Event for ConnectionClosed {
    const TYPE: &'static str = "connection.v1.closed";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(ConnectionClosed, self, subjects::connection_closed)
    }
}

impl Event for ConnectionErased {
    const TYPE: &'static str = "connection.v1.erased";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(ConnectionErased, self, subjects::connection_erased)
    }
}

impl Event for WebhookReceived {
    const TYPE: &'static str = "webhook.v1.received";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(WebhookReceived, self, |connection| subjects::webhook(
            connection,
            Lane::numbered(self.lane)
        ))
    }
}

impl Event for RecordChanged {
    const TYPE: &'static str = "record.v1.changed";

    fn address(&self) -> Result<Address, InvalidEvent> {
        let kind = kind_of(self).ok_or(InvalidEvent::Mixed { event: Self::TYPE })?;
        address!(RecordChanged, self, |connection| subjects::record(
            connection, kind
        ))
    }
}

impl Event for RunProgressed {
    const TYPE: &'static str = "sync.v1.progressed";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(RunProgressed, self, subjects::run_progressed)
    }
}

impl Event for RunEnded {
    const TYPE: &'static str = "sync.v1.ended";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(RunEnded, self, subjects::run_ended)
    }
}

impl Event for ScoreChanged {
    const TYPE: &'static str = "score.v1.changed";

    fn address(&self) -> Result<Address, InvalidEvent> {
        address!(ScoreChanged, self, subjects::score_changed)
    }
}

/// The one kind of all changes, if there is one.
fn kind_of(event: &RecordChanged) -> Option<RecordKind> {
    let mut kinds = event
        .changes
        .iter()
        .map(|change| match change.record.as_ref()? {
            Record::Contact(_) => Some(RecordKind::Contact),
            Record::Company(_) => Some(RecordKind::Company),
            Record::Conversation(_) => Some(RecordKind::Conversation),
            Record::Deleted(gone) => [
                RecordKind::Contact,
                RecordKind::Company,
                RecordKind::Conversation,
            ]
            .into_iter()
            .find(|kind| kind.as_str() == gone.kind),
        });
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::events::v1::{CompanyRecord, ContactRecord, RecordChange};

    fn changed(records: Vec<Record>) -> RecordChanged {
        RecordChanged {
            connection_id: ConnectionId::derive(&[b"c"]).to_string(),
            organization_id: OrganizationId::derive(&[b"o"]).to_string(),
            changes: records
                .into_iter()
                .map(|record| RecordChange {
                    record: Some(record),
                    ..RecordChange::default()
                })
                .collect(),
        }
    }

    #[test]
    fn a_record_change_is_addressed_by_its_kind() {
        let event = changed(vec![Record::Contact(ContactRecord::default())]);
        assert!(
            event
                .address()
                .unwrap()
                .subject
                .as_str()
                .ends_with(".contact")
        );
    }

    #[test]
    fn changes_of_several_kinds_do_not_travel_together() {
        let event = changed(vec![
            Record::Contact(ContactRecord::default()),
            Record::Company(CompanyRecord::default()),
        ]);
        assert!(matches!(event.address(), Err(InvalidEvent::Mixed { .. })));
    }

    #[test]
    fn an_event_without_a_connection_cannot_be_addressed() {
        let error = ScoreChanged::default().address().unwrap_err();
        assert!(error.to_string().contains("organization_id"), "{error}");
    }
}
