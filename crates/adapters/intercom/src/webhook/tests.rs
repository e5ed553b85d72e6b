//! What is read of a notification, and what is not.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{AboutKind, Notification, Topic, Unreadable};

fn body(topic: &str, item: &Value) -> Vec<u8> {
    let envelope = json!({
        "type": "notification_event", "app_id": "wsk8f3q2", "topic": topic, "id": "notif_1",
        "created_at": 1_785_312_120, "first_sent_at": 1_785_312_121, "delivery_attempts": 1,
        "data": {"type": "notification_event_data", "item": item},
    });
    serde_json::to_vec(&envelope).unwrap()
}

fn about(topic: &str, item: &Value) -> Option<(AboutKind, String)> {
    let body = body(topic, item);
    let about = Notification::read(&body).unwrap().about()?;
    Some((about.kind, about.external_id))
}

#[test]
fn the_envelope_is_read() {
    let body = body("conversation.user.replied", &json!({"id": "7"}));
    let read = Notification::read(&body).unwrap();
    assert_eq!(read.app_id, "wsk8f3q2");
    assert_eq!(read.id.as_deref(), Some("notif_1"));
    assert_eq!(read.topic, Topic::ConversationUserReplied);
    assert_eq!(read.created_at.unwrap().timestamp(), 1_785_312_120);
    assert_eq!(read.first_sent_at.unwrap().timestamp(), 1_785_312_121);
    assert_eq!(read.delivery_attempts, Some(1));
    assert_eq!(read.raw_item().unwrap().get(), r#"{"id":"7"}"#);
}

#[test]
fn a_record_is_found_wherever_its_id_stands() {
    use AboutKind::{Admin, Company, Contact, Conversation, Ticket};
    let model =
        json!({"conversation": {"model": {"id": 215_471_000_000_101_i64}}, "contact": {"id": "c"}});
    let table = [
        (
            "conversation.read",
            json!({"id": "7"}),
            Some((Conversation, "7")),
        ),
        (
            "conversation.deleted",
            json!({"conversation_id": "7"}),
            Some((Conversation, "7")),
        ),
        (
            "conversation.contact.attached",
            model,
            Some((Conversation, "215471000000101")),
        ),
        (
            "conversation_part.redacted",
            json!({"id": "7"}),
            Some((Conversation, "7")),
        ),
        ("contact.deleted", json!({"id": "c"}), Some((Contact, "c"))),
        (
            "contact.user.tag.created",
            json!({"tag": {"id": "t"}, "contact": {"id": "c"}}),
            Some((Contact, "c")),
        ),
        (
            "company.contact.attached",
            json!({"company": {"id": "o"}, "contact": {"id": "c"}}),
            Some((Contact, "c")),
        ),
        ("company.updated", json!({"id": "o"}), Some((Company, "o"))),
        (
            "admin.away_mode_updated",
            json!({"id": 8_210_441}),
            Some((Admin, "8210441")),
        ),
        ("ticket.closed", json!({"id": "t"}), Some((Ticket, "t"))),
        (
            "ticket.closed",
            json!({"ticket": {"id": "t"}}),
            Some((Ticket, "t")),
        ),
        (
            "event.created",
            json!({"id": "e", "intercom_user_id": "c"}),
            Some((Contact, "c")),
        ),
        (
            "brand.new",
            json!({"type": "conversation", "id": "7"}),
            Some((Conversation, "7")),
        ),
        ("brand.new", json!({"type": "song", "id": "7"}), None),
        ("conversation.read", json!({"id": {"id": "7"}}), None),
        ("conversation.read", json!([[{"id": "7"}]]), None),
        ("ping", json!({"type": "ping"}), None),
    ];
    for (topic, item, expected) in table {
        let expected = expected.map(|(kind, id)| (kind, id.to_owned()));
        assert_eq!(about(topic, &item), expected, "{topic} {item}");
    }
}

#[test]
fn what_is_no_notification_says_why() {
    let deep = |open: &str| {
        [
            br#"{"app_id":"w","topic":"x","data":"#,
            open.repeat(100_000).as_bytes(),
        ]
        .concat()
    };
    let field = |field| Unreadable::Field { field };
    let table: Vec<(Vec<u8>, Unreadable)> = vec![
        (b"".to_vec(), Unreadable::CutShort),
        (b"{\"app_id\":\"w\",\"to".to_vec(), Unreadable::CutShort),
        (b"\xff{}".to_vec(), Unreadable::NotText),
        (b"{\"app_id\":\"w\xc3\"}".to_vec(), Unreadable::NotText),
        (b"null".to_vec(), Unreadable::NoObject),
        (
            b"[{\"app_id\":\"w\",\"topic\":\"x\"}]".to_vec(),
            Unreadable::NoObject,
        ),
        (b"7".to_vec(), Unreadable::NoObject),
        (b"{}".to_vec(), field("app_id")),
        (b"{\"app_id\":7}".to_vec(), field("topic")),
        (
            b"{\"app_id\":\"\",\"topic\":\"x\"}".to_vec(),
            field("app_id"),
        ),
        (
            b"{\"app_id\":\"w w\",\"topic\":\"x\"}".to_vec(),
            field("app_id"),
        ),
        (
            b"{\"app_id\":\"w\",\"topic\":\"x\\n\"}".to_vec(),
            field("topic"),
        ),
        (b"{\"app_id\":\"w\"}".to_vec(), field("topic")),
        (deep("["), Unreadable::CutShort),
        (deep("{\"item\":"), Unreadable::CutShort),
    ];
    for (body, expected) in table {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(Notification::read(&body).unwrap_err(), expected, "{shown}");
    }
    for body in [
        "\u{feff}{\"app_id\":\"w\",\"topic\":\"x\"}",
        "{\"app_id\":\"w\",\"topic\":\"x\"} x",
        "{\"app_id\":\"w\",\"topic\":\"x\"}{}",
        "{\"app_id\":\"w\",\"topic\":\"x\0\"}",
        r#"{"app_id":"w","topic":"\ud800"}"#,
        r#"{"app_id":"w","topic":"x","created_at":1e400}"#,
        "{'app_id':'w'}",
    ] {
        let error = Notification::read(body.as_bytes()).unwrap_err();
        assert!(
            matches!(error, Unreadable::NotJson { .. }),
            "{body}: {error}"
        );
    }
}

#[test]
fn what_is_odd_inside_an_item_is_no_reason_to_refuse_it() {
    let depth = 100_000;
    let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for odd in [
        r#"{"id":"7","body":"\ud800"}"#,
        r#"{"id":"6","id":"7"}"#,
        r#"{"id":"7","size":1e400}"#,
        r#"{"id":"7","body":"\u0000"}"#,
        &format!(r#"{{"id":"7","custom_attributes":{nested}}}"#),
        &format!(r#"{{"contacts":{nested},"conversation_parts":{nested},"id":"7"}}"#),
    ] {
        let body =
            format!(r#"{{"app_id":"w","topic":"conversation.read","data":{{"item":{odd}}}}}"#);
        let about = Notification::read(body.as_bytes())
            .unwrap()
            .about()
            .unwrap();
        assert_eq!(about.external_id, "7");
    }
}

#[test]
fn of_a_name_given_twice_the_last_counts() {
    let body = br#"{"app_id":"a","topic":"x","app_id":"b","topic":"ping"}"#;
    let read = Notification::read(body).unwrap();
    assert_eq!((read.app_id.as_str(), read.topic), ("b", Topic::Ping));
}

#[test]
fn moments_outside_the_calendar_are_none() {
    for at in ["-1", "1e300", "99999999999999", "\"soon\"", "null", "{}"] {
        let body = format!(r#"{{"app_id":"w","topic":"x","created_at":{at}}}"#);
        assert_eq!(
            Notification::read(body.as_bytes()).unwrap().created_at,
            None,
            "{at}"
        );
    }
}

/// JSON of any shape whose every text, and every key that is none of Intercom's, holds the canary.
fn content() -> impl Strategy<Value = Value> {
    const CANARY: &str = "Canary, the bird <canary@example.com>";
    const KEYS: &[&str] = &[
        "id",
        "type",
        "contact",
        "company",
        "tag",
        "name",
        "email",
        "body",
        "merged_from",
        "contacts",
        "conversation_parts",
        "conversation",
        "model",
        "ticket",
        "source",
        "conversation_id",
        "deleted",
        CANARY,
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::from(CANARY)),
        "[ @,!]{1,4}".prop_map(|text| Value::from(format!("{CANARY}{text}"))),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(KEYS), inner), 0..6).prop_map(|fields| {
                Value::Object(
                    fields
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

#[test]
fn a_number_that_is_cut_is_no_wrong_number() {
    for (body, expected) in [
        (r#"{"other":-"#, Unreadable::CutShort),
        (r#"{"other":1."#, Unreadable::CutShort),
        (r#"{"other":1e"#, Unreadable::CutShort),
        (r#"{"other":1e-"#, Unreadable::CutShort),
        (
            r#"{"other":."#,
            Unreadable::NotJson {
                line: 1,
                column: 10,
            },
        ),
        (
            r#"{"other":- ,"more":-"#,
            Unreadable::NotJson {
                line: 1,
                column: 11,
            },
        ),
    ] {
        assert_eq!(
            Notification::read(body.as_bytes()).unwrap_err(),
            expected,
            "{body}"
        );
    }
}

proptest! {
    #[test]
    fn a_skeleton_holds_no_content_and_is_about_the_same(
        item in content(),
        topic in prop::sample::select(Topic::ALL),
    ) {
        let body = body(topic.as_str(), &item);
        let whole = Notification::read(&body).unwrap();
        let skeleton = whole.skeleton();
        let text = String::from_utf8(skeleton.clone()).unwrap();
        prop_assert!(!text.to_lowercase().contains("canary"), "{text}");
        let bare = Notification::read(&skeleton).unwrap();
        prop_assert_eq!(bare.about(), whole.about());
        prop_assert_eq!(bare.id, whole.id);
        prop_assert_eq!(bare.created_at, whole.created_at);
        prop_assert_eq!(Notification::read(&skeleton).unwrap().skeleton(), skeleton);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(read) = Notification::read(&bytes) {
            let _ = (read.about(), read.skeleton(), read.raw_item());
        }
    }

    #[test]
    fn no_cut_makes_it_panic(item in content(), at in any::<prop::sample::Index>()) {
        let body = body("conversation.read", &item);
        let cut = &body[..at.index(body.len())];
        prop_assert_eq!(Notification::read(cut).unwrap_err(), Unreadable::CutShort);
    }
}
