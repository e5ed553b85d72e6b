//! Where Intercom surprises. The README's table names the test that holds each surprise; here it is held that they exist,
//! and what no other test holds.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends with a panic when what it stands on breaks"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use chrono::DateTime;
use harken_intercom::models::{Company, Contact, Conversation};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn read<T: DeserializeOwned>(answer: &Value) -> T {
    serde_json::from_str(&answer.to_string()).unwrap()
}

/// Every trap of the table with its tests: file and name.
fn table() -> BTreeMap<u32, Vec<(PathBuf, String)>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = home.join("../../..");
    let readme = fs::read_to_string(home.join("README.md")).unwrap();
    let mut table = BTreeMap::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, number, _, tests, ..] = cells[..] else {
            continue;
        };
        let Ok(number) = number.parse() else {
            continue;
        };
        let quoted: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        let tests = quoted
            .chunks(2)
            .map(|pair| (root.join(pair[0]), pair[1].to_owned()));
        assert!(
            table.insert(number, tests.collect()).is_none(),
            "{number} stands twice"
        );
    }
    table
}

#[test]
fn every_trap_names_tests_that_exist() {
    let table = table();
    let numbers: BTreeSet<u32> = table.keys().copied().collect();
    assert_eq!(numbers, (1..=37).collect(), "each trap has its row");
    for (number, tests) in table {
        assert!(!tests.is_empty(), "trap {number} names no test");
        for (path, name) in tests {
            let source = fs::read_to_string(&path)
                .unwrap_or_else(|_| panic!("trap {number}: there is no {}", path.display()));
            let named = format!("fn {name}(");
            let place = source.find(&named);
            let place = place
                .unwrap_or_else(|| panic!("trap {number}: {} has no test {name}", path.display()));
            let before = &source[..place];
            let paragraph = &before[before
                .rfind(
                    "

",
                )
                .unwrap_or(0)..];
            assert!(
                paragraph.contains("#[test]") || paragraph.contains("#[tokio::test"),
                "trap {number}: {name} is no test"
            );
        }
    }
}

#[test]
fn an_id_is_the_same_as_number_and_as_text() {
    for (number, text) in [
        (json!(215_471_000_000_101_u64), "215471000000101"),
        (json!("215471000000101"), "215471000000101"),
    ] {
        let conversation: Conversation = read(&json!({"id": number, "admin_assignee_id": number}));
        assert_eq!(conversation.id, text);
        assert_eq!(conversation.admin_assignee_id.as_deref(), Some(text));
    }
    let contact: Contact = read(&json!({"id": "5ba6", "external_id": "25", "user_id": "26"}));
    assert_eq!(
        (contact.id.as_str(), contact.external_id.as_deref()),
        ("5ba6", Some("25"))
    );
}

#[test]
fn a_contact_may_have_changed_before_it_was_made() {
    let contact: Contact = read(&json!({
        "id": "1", "created_at": "2026-01-10T07:56:29.215+00:00", "updated_at": "2026-01-10T07:56:29.211Z",
    }));
    assert!(contact.updated_at.unwrap() < contact.created_at.unwrap());
}

#[test]
fn every_sub_object_may_be_null() {
    let nulls = json!({
        "id": "1", "statistics": null, "source": null, "conversation_rating": null, "teammates": null, "ai_agent": null,
        "first_contact_reply": null, "sla_applied": null, "company": null, "contacts": null, "tags": null,
        "conversation_parts": null, "custom_attributes": null, "waiting_since": null, "title": null,
    });
    let conversation: Conversation = read(&nulls);
    assert!(conversation.statistics.is_none() && conversation.source.is_none());
    assert!(conversation.parts().is_empty() && conversation.contacts.is_empty());
    let contact: Contact = read(&json!({
        "id": "1", "email": null, "name": null, "last_replied_at": null, "tags": null, "companies": null,
        "custom_attributes": null,
    }));
    assert!(contact.last_replied_at.is_none() && contact.tags().is_empty());
    let company: Company = read(&json!({"id": "1", "plan": null, "size": null}));
    assert!(company.plan_name().is_none());
}

#[test]
fn words_that_nobody_knows_yet_are_read() {
    let conversation: Conversation = read(&json!({
        "id": "1", "state": "hibernating", "open": true, "priority": "cosmic", "updated_at": 5,
        "source": {"id": "2", "delivered_as": "by_pigeon", "author": {"type": "android", "id": "3"}},
        "conversation_parts": {"conversation_parts": [
            {"id": "4", "part_type": "thought_transferred", "body": "<p>Hi</p>", "state": "hibernating"},
        ]},
    }));
    assert_eq!(
        conversation.status(),
        harken_domain::ConversationStatus::Open
    );
    assert_eq!(conversation.updated_at, DateTime::from_timestamp(5, 0));
    let part = &conversation.parts()[0];
    assert_eq!(part.part_type, "thought_transferred");
    assert_eq!((part.text().as_deref(), part.state()), (Some("Hi"), None));
}
