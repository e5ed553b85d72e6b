//! The models read what notifications carry, in both serialisations. Runs where the reference samples lie beside the
//! checkout.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may say that it skips, and may fail"
)]

use std::{fs, path::Path};

use harken_intercom::models::{Company, Contact, Conversation};
use serde_json::Value;

const SAMPLES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../../shared/intercom/webhook-samples"
);

fn samples() -> Vec<(String, Value)> {
    let Ok(folder) = fs::read_dir(Path::new(SAMPLES)) else {
        println!("skipped: there are no reference samples beside this checkout");
        return Vec::new();
    };
    folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let sample: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (name, sample["data"]["item"].clone())
        })
        .collect()
}

#[test]
fn conversations_of_notifications_are_read() {
    for (name, item) in samples()
        .into_iter()
        .filter(|(_, item)| item["type"] == "conversation")
    {
        let conversation: Conversation = serde_json::from_str(&item.to_string()).unwrap();
        // A deleted one says `conversation_id` and nothing else.
        if item.get("id").is_none() {
            assert_eq!(conversation.id, "", "{name}");
            continue;
        }
        assert_eq!(conversation.id, item["id"].as_str().unwrap(), "{name}");
        assert!(
            conversation.created_at.is_some() && conversation.updated_at.is_some(),
            "{name}"
        );
        assert_eq!(
            conversation.status().as_str(),
            item["state"].as_str().unwrap(),
            "{name}"
        );
        let given = item["conversation_parts"]["conversation_parts"]
            .as_array()
            .map_or(0, Vec::len);
        assert_eq!(conversation.parts().len(), given, "{name}");
        let replied = &item["statistics"]["last_admin_reply_at"];
        let read = conversation
            .statistics
            .and_then(|statistics| statistics.last_admin_reply_at);
        assert_eq!(read.is_some(), !replied.is_null(), "{name}");
    }
}

#[test]
fn contacts_and_companies_of_notifications_are_read() {
    for (name, item) in samples() {
        if item["type"] == "contact" && item.get("role").is_some() {
            let contact: Contact = serde_json::from_str(&item.to_string()).unwrap();
            assert!(contact.created_at.is_some(), "{name}");
            assert_eq!(
                contact.role().as_str(),
                item["role"].as_str().unwrap(),
                "{name}"
            );
            assert_eq!(
                contact.email.as_deref(),
                item["email"].as_str().filter(|e| !e.is_empty())
            );
        }
        if item["type"] == "company" && item.get("name").is_some() {
            let company: Company = serde_json::from_str(&item.to_string()).unwrap();
            assert_eq!(company.id, item["id"].as_str().unwrap(), "{name}");
            assert!(company.created_at.is_some(), "{name}");
        }
    }
}
