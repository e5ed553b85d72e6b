//! What the simulated workspace holds, and whether the mirror says the same.

use std::collections::{BTreeMap, BTreeSet};

use harken_contracts::wire::directory::v1::{
    Conversation, Customer, ExportBatch, ExportKind, ExportRequest,
};
use serde::Deserialize;

use crate::client::Client;
use crate::house::House;

const DAY_SECS: i64 = 86_400;
const BACKFILL_DAYS: i64 = 90;

#[derive(Debug, Deserialize)]
struct Contact {
    id: String,
    email: Option<String>,
    valid_email: bool,
    role: String,
    tags: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Told {
    id: String,
    contacts: Vec<String>,
    /// Whom its contact was merged into.
    merged_into: Option<String>,
    state: String,
    updated_at: i64,
    parts: u32,
    count_reopens: u32,
}

#[derive(Debug, Deserialize)]
struct Simulated {
    epoch: i64,
}

/// Holds the mirror against the workspace: nothing is missing, nothing is there twice, and what is there is right.
pub(crate) async fn is_mirrored(house: &House, client: &Client) {
    contacts_are_mirrored(house, client).await;
    conversations_are_mirrored(house, client).await;
}

async fn contacts_are_mirrored(house: &House, client: &Client) {
    let told: Vec<Contact> = lines(house, "contacts").await;
    let exported = export(client, ExportKind::Contacts).await;
    let mirrored: Vec<Customer> = exported
        .into_iter()
        .flat_map(|batch| batch.contacts)
        .collect();
    let by_id = unique(&mirrored, |customer| &customer.external_id);
    for contact in told.iter().filter(|contact| contact.valid_email) {
        let customer = by_id
            .get(contact.id.as_str())
            .unwrap_or_else(|| panic!("missing: {contact:?}"));
        assert_eq!(customer.email, contact.email, "{contact:?}");
        assert_eq!(customer.contact_role, contact.role, "{contact:?}");
        let tags: BTreeSet<&String> = customer.tags.iter().collect();
        assert_eq!(tags, contact.tags.iter().collect(), "{contact:?}");
    }
    let known: BTreeSet<&str> = told.iter().map(|contact| contact.id.as_str()).collect();
    for customer in &mirrored {
        assert!(
            known.contains(customer.external_id.as_str()),
            "never existed: {customer:?}"
        );
    }
}

async fn conversations_are_mirrored(house: &House, client: &Client) {
    let told: Vec<Told> = lines(house, "conversations").await;
    let contacts: Vec<Contact> = lines(house, "contacts").await;
    let customers: BTreeSet<&String> = contacts
        .iter()
        .filter(|contact| contact.valid_email)
        .map(|contact| &contact.id)
        .collect();
    let exported = export(client, ExportKind::Conversations).await;
    let mirrored: Vec<Conversation> = exported
        .into_iter()
        .flat_map(|batch| batch.conversations)
        .collect();
    let by_id = unique(&mirrored, |conversation| &conversation.external_id);
    // The window's edge moves while the story is read; a day on either side of it may fall out or in.
    let edge = epoch(house).await - BACKFILL_DAYS * DAY_SECS;
    for conversation in &told {
        let found = by_id.get(conversation.id.as_str());
        let takes_part = conversation
            .contacts
            .iter()
            .chain(&conversation.merged_into);
        let is_known = takes_part
            .into_iter()
            .any(|contact| customers.contains(contact));
        let is_wanted = is_known && conversation.updated_at > edge + DAY_SECS;
        let is_unwanted = !is_known || conversation.updated_at < edge - DAY_SECS;
        match found {
            Some(found) => {
                assert!(!is_unwanted, "not wanted: {conversation:?}");
                assert_eq!(
                    found.reopen_count, conversation.count_reopens,
                    "{conversation:?}"
                );
                assert_eq!(word(found), conversation.state, "{conversation:?}");
                // The opening message is held as a part; beyond 500 Intercom shows no more.
                assert_eq!(
                    found.parts_held,
                    conversation.parts.min(500) + 1,
                    "{conversation:?}"
                );
            }
            None => assert!(!is_wanted, "missing: {conversation:?}"),
        }
    }
    assert!(mirrored.len() <= told.len());
}

fn word(conversation: &Conversation) -> String {
    conversation
        .status()
        .as_str_name()
        .trim_start_matches("CONVERSATION_STATUS_")
        .to_ascii_lowercase()
}

fn unique<T: std::fmt::Debug>(rows: &[T], id: fn(&T) -> &String) -> BTreeMap<&str, &T> {
    let mut by_id = BTreeMap::new();
    for row in rows {
        let double = by_id.insert(id(row).as_str(), row);
        assert!(double.is_none(), "there twice: {double:?}");
    }
    by_id
}

async fn export(client: &Client, kind: ExportKind) -> Vec<ExportBatch> {
    let request = ExportRequest {
        connection_id: String::new(),
        kind: kind.into(),
    };
    let mut stream = client
        .directory()
        .export(request)
        .await
        .unwrap()
        .into_inner();
    let mut batches = Vec::new();
    while let Some(batch) = stream.message().await.unwrap() {
        batches.push(batch);
    }
    batches
}

async fn epoch(house: &House) -> i64 {
    let simulated: Simulated = serde_json::from_str(&ask(house, "").await).unwrap();
    simulated.epoch
}

async fn lines<T: for<'de> Deserialize<'de>>(house: &House, kind: &str) -> Vec<T> {
    let text = ask(house, &format!("/truth/demo/{kind}")).await;
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn ask(house: &House, path: &str) -> String {
    let simulator = house.ready().simulator.as_deref().unwrap();
    let answer = reqwest::get(format!("{simulator}/_simulator{path}"))
        .await
        .unwrap();
    answer.error_for_status().unwrap().text().await.unwrap()
}
