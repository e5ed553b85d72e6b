//! A saved sample of each event decodes for ever, to the same values.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{fs, path::Path};

use harken_contracts::{
    events::Event,
    wire::{
        events::v1::{
            AuthorKind, CompanyRecord, ConnectionClosed, ConnectionOpened, ContactRecord,
            ConversationRecord, ConversationStatus, DeletedRecord, KindProgress, Part, RecordCause,
            RecordChange, RecordChanged, RunEnded, RunProgressed, ScoreChange, ScoreChanged,
            WebhookReceived, record_change::Record,
        },
        types::v1::{DataPolicy, OnDisconnect, RiskLevel},
    },
};
use harken_domain::{ConnectionId, ConversationId, CustomerId, OrganizationId, RunId};
use prost_types::{Struct, Timestamp, Value, value::Kind};

#[expect(clippy::unnecessary_wraps, reason = "the fields want it so")]
fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn connection() -> String {
    ConnectionId::derive(&[b"sample"]).to_string()
}

fn organization() -> String {
    OrganizationId::derive(&[b"sample"]).to_string()
}

/// Compares with the saved bytes; a new event's sample is saved from the text of the failure.
fn decodes<E: Event + PartialEq + std::fmt::Debug>(expected: &E) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(format!("{}.hex", E::TYPE));
    let saved = fs::read_to_string(&path).unwrap_or_default();
    let bytes: Vec<u8> = saved
        .trim()
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let current = expected
        .encode_to_vec()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(
        &E::decode(bytes.as_slice()).unwrap(),
        expected,
        "{}: {current}",
        path.display()
    );
}

fn changed(changes: Vec<Record>) -> RecordChanged {
    RecordChanged {
        connection_id: connection(),
        organization_id: organization(),
        changes: changes
            .into_iter()
            .enumerate()
            .map(|(index, record)| RecordChange {
                revision: 7 + i64::try_from(index).unwrap(),
                cause: RecordCause::Imported.into(),
                changed_at: at(1_790_000_000),
                record: Some(record),
                heard_at: None,
            })
            .collect(),
    }
}

#[test]
fn connection_opened_decodes() {
    decodes(&ConnectionOpened {
        connection_id: connection(),
        organization_id: organization(),
        workspace_id: "abc123".to_owned(),
        workspace_name: "Acme".to_owned(),
        timezone: "America/Los_Angeles".to_owned(),
        data_policy: DataPolicy::Full.into(),
        revision: 3,
        opened_at: at(1_790_000_000),
        is_synthetic: false,
    });
}

#[test]
fn connection_closed_decodes() {
    decodes(&ConnectionClosed {
        connection_id: connection(),
        organization_id: organization(),
        on_disconnect: OnDisconnect::Retain.into(),
        reason: "the access token was revoked".to_owned(),
        revision: 4,
        closed_at: at(1_790_000_100),
        is_synthetic: false,
    });
}

#[test]
fn webhook_received_decodes() {
    decodes(&WebhookReceived {
        connection_id: connection(),
        organization_id: organization(),
        workspace_id: "abc123".to_owned(),
        notification_id: "notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3".to_owned(),
        topic: "conversation.user.replied".to_owned(),
        lane: 17,
        ids_only: true,
        body: br#"{"type":"notification_event"}"#.as_slice().into(),
        received_at: at(1_790_000_000),
        veiled: false,
    });
}

#[test]
fn record_changed_decodes_with_every_kind_of_record() {
    decodes(&changed(vec![
        Record::Contact(ContactRecord {
            customer_id: CustomerId::derive(&[b"sample"]).to_string(),
            external_id: "6762f0dd1bb69f9f2193bb83".to_owned(),
            is_customer: true,
            contact_role: "user".to_owned(),
            email: Some("ada@example.com".to_owned()),
            name: Some("Ada".to_owned()),
            first_seen_at: at(1_700_000_000),
            last_seen_at: at(1_789_000_000),
            last_replied_at: None,
            tags: vec!["vip".to_owned()],
            metadata: Some(Struct {
                fields: [(
                    "plan".to_owned(),
                    Value {
                        kind: Some(Kind::StringValue("pro".to_owned())),
                    },
                )]
                .into(),
            }),
            company_external_ids: vec!["6762f0cd1bb69f9f2193bb7c".to_owned()],
        }),
        Record::Company(CompanyRecord {
            external_id: "6762f0cd1bb69f9f2193bb7c".to_owned(),
            name: Some("Acme".to_owned()),
            plan: Some("pro".to_owned()),
            monthly_spend: Some(1200.0),
            size: Some(40),
            created_at: at(1_700_000_000),
        }),
        Record::Conversation(ConversationRecord {
            conversation_id: ConversationId::derive(&[b"sample"]).to_string(),
            external_id: "215472183".to_owned(),
            customer_ids: vec![CustomerId::derive(&[b"sample"]).to_string()],
            status: ConversationStatus::Closed.into(),
            created_at: at(1_788_000_000),
            updated_at: at(1_789_000_000),
            first_response_secs: Some(600),
            resolution_secs: Some(14_400),
            reopen_count: 1,
            assignment_count: 2,
            tags: vec!["billing".to_owned()],
            last_closed_at: at(1_789_000_000),
            last_contact_reply_at: at(1_788_500_000),
            last_admin_reply_at: at(1_788_600_000),
            parts_complete: true,
            parts: vec![Part {
                external_id: "source:215472183".to_owned(),
                part_type: "source".to_owned(),
                author_kind: AuthorKind::Contact.into(),
                author_external_id: Some("6762f0dd1bb69f9f2193bb83".to_owned()),
                created_at: at(1_788_000_000),
                is_visible_message: true,
                is_reopening: false,
                text: Some("Where is my invoice?".to_owned()),
                text_omitted: false,
                is_redacted: false,
            }],
            title: Some("Invoice".to_owned()),
        }),
        Record::Deleted(DeletedRecord {
            kind: "contact".to_owned(),
            external_id: "6762f0dd1bb69f9f2193bb84".to_owned(),
            id: CustomerId::derive(&[b"gone"]).to_string(),
        }),
    ]));
}

fn progress() -> Vec<KindProgress> {
    vec![KindProgress {
        kind: "contacts".to_owned(),
        done: 150,
        total: Some(500),
        skipped: 3,
    }]
}

#[test]
fn run_progressed_decodes() {
    decodes(&RunProgressed {
        connection_id: connection(),
        organization_id: organization(),
        run_id: RunId::derive(&[b"sample"]).to_string(),
        kinds: progress(),
        rows_per_second: 812.5,
        eta_secs: Some(12),
        at: at(1_790_000_000),
    });
}

#[test]
fn run_ended_decodes() {
    decodes(&RunEnded {
        connection_id: connection(),
        organization_id: organization(),
        run_id: RunId::derive(&[b"sample"]).to_string(),
        verdict: "complete".to_owned(),
        reason: String::new(),
        kinds: progress(),
        ended_at: at(1_790_000_000),
    });
}

#[test]
fn score_changed_decodes() {
    decodes(&ScoreChanged {
        connection_id: connection(),
        organization_id: organization(),
        changes: vec![ScoreChange {
            customer_id: CustomerId::derive(&[b"sample"]).to_string(),
            points: Some(42),
            level: RiskLevel::AtRisk.into(),
            previous_points: Some(71),
            previous_level: RiskLevel::Healthy.into(),
            reason: "a conversation was opened again".to_owned(),
            revision: 9,
            evaluated_at: at(1_790_000_000),
        }],
    });
}
