use chrono::{DateTime, Datelike as _, Utc};
use harken_bus::{Delivery, Disposition, Handler};
use harken_contracts::{
    convert,
    wire::events::v1::{
        ContactRecord, ConversationRecord, ConversationStatus as WireStatus, DeletedRecord, Part,
        RecordCause, RecordChange, RecordChanged, record_change::Record,
    },
};
use harken_domain::{ConversationStatus, CustomerId, Revision};
use prost_types::Timestamp;

use crate::{
    app::{self as heard, Change, Records, Scoring},
    outbound::postgres::{
        customers::{Customer, Profile},
        signals::{ConversationSignal, Heard},
    },
    rules::{Cause, Conversation, Moment, MomentKind, Signal},
};

/// A record that cannot be taken. No content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} of a record cannot be read")]
pub(crate) struct InvalidRecord(&'static str);

/// Takes changes of records.
#[derive(Debug)]
pub(crate) struct RecordChangedHandler(pub(crate) Scoring);

impl Handler for RecordChangedHandler {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut taken = Vec::with_capacity(batch.len());
        let mut refused = Vec::with_capacity(batch.len());
        for delivery in batch {
            match delivery.decode::<RecordChanged>() {
                Ok(event) => {
                    let (records, error) = read(delivery, event);
                    refused.push(error.map(|error| Disposition::dead("invalid", error)));
                    taken.push(records);
                }
                Err(cause) => refused.push(Some(cause.into())),
            }
        }
        let absorbed = self.0.absorb_records(taken).await;
        refused
            .into_iter()
            .map(|refused| match (refused, &absorbed) {
                // Hopeless whatever the store says.
                (Some(dead), Ok(_)) => dead,
                (None, Ok(_)) => Disposition::Done,
                // What is sound in a message has to take effect before the rest of it is given up.
                (_, Err(cause)) => Disposition::again(cause),
            })
            .collect()
    }
}

/// What a message tells, and the first thing in it that cannot be read.
fn read(delivery: &Delivery, event: RecordChanged) -> (Records, Option<InvalidRecord>) {
    let mut changes = Vec::with_capacity(event.changes.len());
    let mut invalid = None;
    for change in event.changes {
        match read_change(delivery, change) {
            Ok(change) => changes.extend(change),
            Err(cause) => invalid = invalid.or(Some(cause)),
        }
    }
    let records = Records {
        message_id: delivery.message_id.clone(),
        organization: delivery.organization,
        connection: delivery.connection,
        changes,
        is_whole: invalid.is_none(),
    };
    (records, invalid)
}

/// One change; none where it does not concern scores.
fn read_change(delivery: &Delivery, change: RecordChange) -> Result<Option<Change>, InvalidRecord> {
    let cause = cause(change.cause());
    let heard_at = moment("heard_at", change.heard_at)?;
    let record = read_record(delivery, change)?;
    Ok(record.map(|record| Change {
        record,
        cause,
        heard_at,
    }))
}

/// Why a record changed; none for what is not told, or newer than this reader.
fn cause(cause: RecordCause) -> Option<Cause> {
    Some(match cause {
        RecordCause::Unspecified => return None,
        RecordCause::Imported => Cause::Imported,
        RecordCause::ContactCreated => Cause::ContactCreated,
        RecordCause::ContactUpdated => Cause::ContactUpdated,
        RecordCause::ContactDeleted => Cause::ContactDeleted,
        RecordCause::ConversationCreated => Cause::ConversationCreated,
        RecordCause::ConversationUpdated => Cause::ConversationUpdated,
        RecordCause::ConversationClosed => Cause::ConversationClosed,
        RecordCause::ConversationReopened => Cause::ConversationReopened,
        RecordCause::ConversationAssigned => Cause::ConversationAssigned,
        RecordCause::ConversationDeleted => Cause::ConversationDeleted,
        RecordCause::ConversationPartCreated => Cause::PartCreated,
        RecordCause::ConversationPartRedacted => Cause::PartRedacted,
    })
}

fn read_record(
    delivery: &Delivery,
    change: RecordChange,
) -> Result<Option<heard::Record>, InvalidRecord> {
    let revision = Revision(change.revision);
    match change.record {
        Some(Record::Contact(contact)) => {
            customer(delivery, contact, revision).map(|it| Some(heard::Record::Customer(it)))
        }
        Some(Record::Conversation(record)) => {
            let heard_at = record
                .updated_at
                .or(record.created_at)
                .or(change.changed_at);
            let heard_at = heard_at.ok_or(InvalidRecord("updated_at"))?;
            let conversation = conversation(delivery, &record, revision, heard_at)?;
            Ok(Some(heard::Record::Conversation(conversation)))
        }
        Some(Record::Deleted(gone)) => deleted(delivery, gone, revision),
        // Companies have no part in a score, nor has a kind of record that is newer than this reader.
        Some(Record::Company(_)) | None => Ok(None),
    }
}

fn customer(
    delivery: &Delivery,
    contact: ContactRecord,
    revision: Revision,
) -> Result<Customer, InvalidRecord> {
    let profile = Profile {
        last_seen_at: moment("last_seen_at", contact.last_seen_at)?,
        last_replied_at: moment("last_replied_at", contact.last_replied_at)?,
        contact_role: storable(contact.contact_role),
        name: contact.name.map(storable),
        email: contact.email.map(storable),
    };
    Ok(Customer {
        organization: delivery.organization,
        connection: delivery.connection,
        id: parse("customer_id", &contact.customer_id)?,
        external_id: storable(contact.external_id),
        revision,
        profile: contact.is_customer.then_some(profile),
    })
}

fn deleted(
    delivery: &Delivery,
    gone: DeletedRecord,
    revision: Revision,
) -> Result<Option<heard::Record>, InvalidRecord> {
    match gone.kind.as_str() {
        "contact" => Ok(Some(heard::Record::Customer(Customer {
            organization: delivery.organization,
            connection: delivery.connection,
            id: parse("id", &gone.id)?,
            external_id: storable(gone.external_id),
            revision,
            profile: None,
        }))),
        "conversation" => Ok(Some(heard::Record::Conversation(ConversationSignal {
            connection: delivery.connection,
            conversation: parse("id", &gone.id)?,
            revision,
            heard: None,
        }))),
        _ => Ok(None),
    }
}

fn conversation(
    delivery: &Delivery,
    record: &ConversationRecord,
    revision: Revision,
    heard_at: Timestamp,
) -> Result<ConversationSignal, InvalidRecord> {
    let customers: Result<Vec<CustomerId>, _> = record
        .customer_ids
        .iter()
        .map(|id| parse("customer_ids", id))
        .collect();
    let mut customers = customers?;
    customers.sort_unstable();
    customers.dedup();
    let moments: Result<Vec<_>, _> = record.parts.iter().map(part).collect();
    let signal = Signal::of(&Conversation {
        status: status(record.status())?,
        created_at: moment("created_at", record.created_at)?,
        updated_at: at("updated_at", heard_at)?,
        resolution_secs: record.resolution_secs,
        reopen_count: record.reopen_count,
        last_closed_at: moment("last_closed_at", record.last_closed_at)?,
        last_contact_reply_at: moment("last_contact_reply_at", record.last_contact_reply_at)?,
        last_admin_reply_at: moment("last_admin_reply_at", record.last_admin_reply_at)?,
        parts_complete: record.parts_complete,
        moments: moments?,
    });
    Ok(ConversationSignal {
        connection: delivery.connection,
        conversation: parse("conversation_id", &record.conversation_id)?,
        revision,
        heard: Some(Heard { signal, customers }),
    })
}

fn status(status: WireStatus) -> Result<ConversationStatus, InvalidRecord> {
    status.try_into().map_err(|_| InvalidRecord("status"))
}

fn part(part: &Part) -> Result<Moment, InvalidRecord> {
    let created_at = part.created_at.ok_or(InvalidRecord("parts.created_at"))?;
    Ok(Moment {
        at: at("parts.created_at", created_at)?,
        author: part.author_kind().into(),
        kind: match part.part_type.as_str() {
            "source" => MomentKind::Opening,
            "close" => MomentKind::Close,
            _ => MomentKind::Other,
        },
        is_visible_message: part.is_visible_message,
        is_reopening: part.is_reopening,
    })
}

fn parse<T: std::str::FromStr>(field: &'static str, id: &str) -> Result<T, InvalidRecord> {
    id.parse().map_err(|_| InvalidRecord(field))
}

fn moment(
    field: &'static str,
    at_wire: Option<Timestamp>,
) -> Result<Option<DateTime<Utc>>, InvalidRecord> {
    at_wire.map(|timestamp| at(field, timestamp)).transpose()
}

/// A moment that leaves room to count from, in either direction.
fn at(field: &'static str, timestamp: Timestamp) -> Result<DateTime<Utc>, InvalidRecord> {
    convert::datetime(&timestamp)
        .ok()
        .filter(|at| (1..=9999).contains(&at.year()))
        .ok_or(InvalidRecord(field))
}

/// A text as Postgres can hold it.
fn storable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use harken_contracts::subjects::Subject;
    use harken_domain::{ConnectionId, ConversationId, OrganizationId};

    use super::*;

    fn delivery() -> Delivery {
        Delivery {
            message_id: "m1".to_owned(),
            subject: Subject::from_wire("harken.record.v1.x.contact"),
            event_type: "record.v1.changed".to_owned(),
            organization: OrganizationId::derive(&[b"o"]),
            connection: ConnectionId::derive(&[b"c"]),
            payload: Vec::new().into(),
            deliveries: 1,
            sequence: 1,
            headers: Vec::new(),
        }
    }

    fn told(record: Record) -> RecordChange {
        RecordChange {
            revision: 3,
            record: Some(record),
            ..RecordChange::default()
        }
    }

    fn contact() -> ContactRecord {
        ContactRecord {
            customer_id: CustomerId::derive(&[b"x"]).to_string(),
            external_id: "x".to_owned(),
            is_customer: true,
            contact_role: "user".to_owned(),
            email: Some("x@example.com".to_owned()),
            ..ContactRecord::default()
        }
    }

    fn open_conversation() -> ConversationRecord {
        ConversationRecord {
            conversation_id: ConversationId::derive(&[b"x"]).to_string(),
            status: WireStatus::Open.into(),
            updated_at: Some(Timestamp {
                seconds: 1_790_000_000,
                nanos: 0,
            }),
            ..ConversationRecord::default()
        }
    }

    #[test]
    fn nothing_of_a_contact_that_is_no_customer_is_kept() {
        let contact = ContactRecord {
            is_customer: false,
            ..contact()
        };
        let change = read_change(&delivery(), told(Record::Contact(contact))).unwrap();
        let Some(heard::Record::Customer(customer)) = change.map(|change| change.record) else {
            panic!("no customer")
        };
        assert_eq!(customer.profile, None);
    }

    #[test]
    fn what_is_sound_in_a_message_is_taken_and_what_is_not_is_named() {
        let broken = ConversationRecord {
            conversation_id: "?".to_owned(),
            ..open_conversation()
        };
        let event = RecordChanged {
            changes: vec![
                told(Record::Conversation(open_conversation())),
                told(Record::Conversation(broken)),
            ],
            ..RecordChanged::default()
        };
        let (records, invalid) = read(&delivery(), event);
        assert_eq!((records.changes.len(), records.is_whole), (1, false));
        assert_eq!(invalid, Some(InvalidRecord("conversation_id")));
    }

    #[test]
    fn records_that_cannot_be_scored_are_refused_by_field() {
        let far = Some(Timestamp {
            seconds: 300_000_000_000,
            nanos: 0,
        });
        let part = Part {
            created_at: None,
            ..Part::default()
        };
        for (field, record) in [
            (
                "customer_id",
                Record::Contact(ContactRecord {
                    customer_id: String::new(),
                    ..contact()
                }),
            ),
            (
                "last_seen_at",
                Record::Contact(ContactRecord {
                    last_seen_at: far,
                    ..contact()
                }),
            ),
            (
                "status",
                Record::Conversation(ConversationRecord {
                    status: 9,
                    ..open_conversation()
                }),
            ),
            (
                "updated_at",
                Record::Conversation(ConversationRecord {
                    updated_at: None,
                    ..open_conversation()
                }),
            ),
            (
                "parts.created_at",
                Record::Conversation(ConversationRecord {
                    parts: vec![part],
                    ..open_conversation()
                }),
            ),
            (
                "customer_ids",
                Record::Conversation(ConversationRecord {
                    customer_ids: vec!["con_1".to_owned()],
                    ..open_conversation()
                }),
            ),
        ] {
            let refused = read_change(&delivery(), told(record)).unwrap_err();
            assert_eq!(refused, InvalidRecord(field));
        }
    }

    #[test]
    fn signs_that_postgres_cannot_hold_are_left_out() {
        let contact = ContactRecord {
            name: Some("A\0da".to_owned()),
            ..contact()
        };
        let change = read_change(&delivery(), told(Record::Contact(contact))).unwrap();
        let Some(heard::Record::Customer(customer)) = change.map(|change| change.record) else {
            panic!("no customer")
        };
        assert_eq!(customer.profile.unwrap().name.as_deref(), Some("Ada"));
    }
}
