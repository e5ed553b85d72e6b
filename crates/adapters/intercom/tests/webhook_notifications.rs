//! Notifications as Intercom sends them, in both serialisations. Runs where the reference samples lie beside the checkout.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may say that it skips, and may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::PathBuf};

use harken_intercom::webhook::{BodySignature, HubSignature, Notification, Topic, Unreadable};
use serde_json::Value;

fn reference(path: &str) -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/intercom");
    PathBuf::from(beside).join(path)
}

fn samples() -> BTreeMap<String, Vec<u8>> {
    let Ok(folder) = fs::read_dir(reference("webhook-samples")) else {
        println!("skipped: there are no reference samples beside this checkout");
        return BTreeMap::new();
    };
    folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect()
}

/// Every text of a JSON value that a person may have written or be called.
fn content(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text)
                        if ["name", "email", "body", "subject", "message"]
                            .contains(&name.as_str()) =>
                    {
                        found.insert(text.clone());
                    }
                    _ => content(value, found),
                }
            }
        }
        Value::Array(members) => members.iter().for_each(|member| content(member, found)),
        _ => {}
    }
}

#[test]
fn every_sample_is_read_and_its_topic_is_known() {
    for (name, body) in samples() {
        // The uninstall notice is no notification.
        if name == "app-uninstalled.json" {
            let refused = Notification::read(&body).unwrap_err();
            assert_eq!(refused, Unreadable::Field { field: "topic" });
            continue;
        }
        let sample: Value = serde_json::from_slice(&body).unwrap();
        let read = Notification::read(&body).unwrap();
        assert_eq!(read.app_id, sample["app_id"].as_str().unwrap(), "{name}");
        assert_eq!(read.id.as_deref(), sample["id"].as_str(), "{name}");
        assert!(!matches!(read.topic, Topic::Other(_)), "{name}");
        assert_eq!(
            read.created_at.unwrap().timestamp(),
            sample["created_at"].as_i64().unwrap()
        );
        let item: Value = serde_json::from_str(read.raw_item().unwrap().get()).unwrap();
        assert_eq!(item, sample["data"]["item"], "{name}");
        assert_eq!(read.about().is_some(), read.topic != Topic::Ping, "{name}");
    }
}

#[test]
fn both_serialisations_are_about_the_same() {
    let samples = samples();
    for (name, body) in &samples {
        let Some(newer) = name.strip_suffix(".v2_14.json") else {
            continue;
        };
        if let Some(newer) = samples.get(&format!("{newer}.json")) {
            let older = Notification::read(body).unwrap();
            assert_eq!(
                older.about(),
                Notification::read(newer).unwrap().about(),
                "{name}"
            );
        }
    }
}

#[test]
fn no_skeleton_of_a_sample_holds_content() {
    for (name, body) in samples()
        .iter()
        .filter(|(name, _)| *name != "app-uninstalled.json")
    {
        let mut written = BTreeSet::new();
        content(&serde_json::from_slice(body).unwrap(), &mut written);
        let read = Notification::read(body).unwrap();
        let skeleton = String::from_utf8(read.skeleton()).unwrap();
        for text in written.iter().filter(|text| !text.is_empty()) {
            assert!(!skeleton.contains(text.as_str()), "{name}: {text}");
        }
        let bare = Notification::read(skeleton.as_bytes()).unwrap();
        assert_eq!(bare.about(), read.about(), "{name}");
    }
}

#[test]
fn the_topics_are_those_of_the_reference() {
    let Ok(text) = fs::read(reference("webhook-topics.json")) else {
        println!("skipped: there is no reference list of topics beside this checkout");
        return;
    };
    let listed: Value = serde_json::from_slice(&text).unwrap();
    let mut names = BTreeSet::new();
    for topic in listed["topics"].as_array().unwrap() {
        let name = topic["topic"].as_str().unwrap();
        let permissions: Vec<&str> = topic["any_of_permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(Topic::of(name).permissions(), permissions, "{name}");
        names.insert(name);
    }
    let known: BTreeSet<&str> = Topic::ALL.iter().map(Topic::as_str).collect();
    assert_eq!(names, known);
}

#[test]
fn the_reference_signatures_verify() {
    let Ok(text) = fs::read(reference("signature-vectors.json")) else {
        println!("skipped: there are no reference signatures beside this checkout");
        return;
    };
    let vectors: Value = serde_json::from_slice(&text).unwrap();
    let secret = vectors["client_secret"].as_str().unwrap().as_bytes();
    for vector in vectors["vectors"].as_array().unwrap() {
        let body = match vector["body_file"].as_str() {
            Some(file) => fs::read(reference(file)).unwrap(),
            None => vector["body_utf8"].as_str().unwrap().as_bytes().to_vec(),
        };
        let header = |name: &str| vector[name].as_str().unwrap().as_bytes();
        let hub = HubSignature::parse(header("X-Hub-Signature")).unwrap();
        let whole = BodySignature::parse(header("X-Body-Signature")).unwrap();
        assert!(
            hub.verifies(secret, &body) && whole.verifies(secret, &body),
            "{vector}"
        );
        assert!(
            !hub.verifies(secret, &[&body[..], b" "].concat()),
            "{vector}"
        );
    }
}
