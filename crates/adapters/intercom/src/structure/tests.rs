use serde_json::{Value, json};

use super::*;
use crate::{
    models,
    webhook::{Item, Notification, Topic},
};

/// Stands in every field that holds what was not invited.
const CANARY: &str = "canary@example.com <b>said</b> this";

fn key() -> PseudonymKey {
    PseudonymKey::try_from(&[7; 32][..]).unwrap()
}

fn veil() -> Veil {
    Veil::new(key())
}

fn read<M: Veiled>(json: &Value) -> M {
    M::veiled(serde_json::from_value(json.clone()).unwrap(), &veil())
}

fn pseudonym(id: &str) -> String {
    key().pseudonym(&id.into()).into()
}

fn contact() -> Value {
    json!({
        "type": "contact", "id": "5ba6", "role": "user", "external_id": CANARY, "email": CANARY, "phone": CANARY,
        "name": CANARY, "avatar": CANARY, "created_at": 100, "updated_at": 400, "last_seen_at": 200, "last_replied_at": 300,
        "custom_attributes": {"plan": CANARY}, "location": {"city": CANARY}, "social_profiles": {"data": [{"url": CANARY}]},
        "tags": {"data": [{"id": "2", "name": "R&D &amp; more"}], "total_count": 1},
        "companies": {"data": [{"id": "c1", "name": CANARY}], "total_count": 12, "has_more": true},
    })
}

fn conversation() -> Value {
    let author = json!({"type": "user", "id": "5ba6", "name": CANARY, "email": CANARY});
    json!({
        "type": "conversation", "id": "2154", "title": CANARY, "created_at": 100, "updated_at": 900, "state": "closed",
        "priority": "priority", "admin_assignee_id": 991, "team_assignee_id": "77",
        "source": {"id": "9", "subject": CANARY, "body": CANARY, "author": author, "url": CANARY,
            "attachments": [{"name": CANARY, "url": CANARY}]},
        "contacts": {"contacts": [{"id": "5ba6", "external_id": CANARY}]},
        "teammates": {"admins": [{"id": "991", "name": CANARY}]},
        "tags": {"tags": [{"id": "2", "name": "vip"}]}, "custom_attributes": {"mood": CANARY},
        "conversation_rating": {"rating": 1, "remark": CANARY}, "ai_agent": {"source_title": CANARY},
        "statistics": {"time_to_admin_reply": 60, "first_contact_reply_at": 120, "count_conversation_parts": 3},
        "conversation_parts": {"conversation_parts": [
            {"id": "1", "part_type": "comment", "body": CANARY, "author": author, "created_at": 150, "state": "open"},
            {"id": "2", "part_type": "close", "body": null, "attachments": [], "author": {"type": "admin", "id": 991}},
            {"id": "3", "part_type": CANARY, "body": null, "attachments": [{"name": CANARY}], "assigned_to": author},
        ], "total_count": 3},
    })
}

fn notification(topic: &str, item: &Value) -> Vec<u8> {
    json!({
        "type": "notification_event", "app_id": "w1", "id": "notif_1", "topic": topic, "created_at": 500,
        "data": {"type": "notification_event_data", "item": item},
    })
    .to_string()
    .into_bytes()
}

fn veiled(topic: &str, item: &Value) -> (String, Item) {
    let body = notification(topic, item);
    let told = Notification::read(&body).unwrap().veiled(&key());
    let read = Notification::read(&told).unwrap();
    let item = Item::read_veiled(&read.topic, read.raw_item().unwrap()).unwrap();
    (String::from_utf8(told.clone()).unwrap(), item)
}

#[test]
fn a_pseudonym_is_the_same_under_one_key_and_another_under_another() {
    let other = PseudonymKey::try_from(&[8; 32][..]).unwrap();
    let id = RawId::from("5ba6");
    assert_eq!(key().pseudonym(&id), key().pseudonym(&id));
    assert_ne!(key().pseudonym(&id), other.pseudonym(&id));
    assert_ne!(key().pseudonym(&id), key().pseudonym(&"5ba7".into()));
    let spelled = pseudonym("5ba6");
    assert!(
        spelled.starts_with("ps_") && spelled.len() == 35,
        "{spelled}"
    );
    assert_eq!(PseudonymKey::try_from(&[7; 31][..]), Err(InvalidKey));
    assert_eq!(format!("{:?}", key()), "PseudonymKey(***)");
}

#[test]
fn a_raw_id_does_not_pass_for_a_pseudonym() {
    for text in [
        "",
        "5ba6",
        "ps_",
        "ps_0123",
        &"ps_Z".repeat(8),
        "canary@example.com",
    ] {
        assert!(Pseudonym::of(text.to_owned()).is_none(), "{text}");
    }
    assert!(Pseudonym::of(pseudonym("5ba6")).is_some());
}

#[test]
fn what_a_veil_met_it_can_ask_about_and_nothing_else() {
    let veil = veil();
    assert_eq!(veil.lift(&pseudonym("5ba6")), None);
    veil.hide("5ba6".into());
    assert_eq!(veil.lift(&pseudonym("5ba6")).as_deref(), Some("5ba6"));
    assert_eq!(veil.lift("5ba6"), None);
    for n in 0..40_000 {
        veil.hide(n.to_string().as_str().into());
    }
    assert_eq!(veil.lift(&pseudonym("5ba6")), None, "its memory is bounded");
    assert!(veil.lift(&pseudonym("39999")).is_some());
}

#[test]
fn a_place_in_a_list_is_sealed_and_opens_under_the_same_key_alone() {
    let place = "WzE3MDAwMDAwMDAsIjViYTYiXQ==";
    let sealed = veil().seal(place);
    assert!(!sealed.contains("5ba6") && !sealed.contains(place));
    assert_eq!(veil().seal(place), sealed, "so that a circle is noticed");
    assert_eq!(veil().open(&sealed).as_deref(), Some(place));
    let other = Veil::new(PseudonymKey::try_from(&[8; 32][..]).unwrap());
    assert_eq!(other.open(&sealed), None);
    assert_eq!(veil().open(place), None);
}

#[test]
fn a_contact_keeps_its_times_tags_and_companies_and_nothing_that_tells_who_it_is() {
    let read: models::Contact = read(&contact());
    assert_eq!(read.id, pseudonym("5ba6"));
    assert!(read.is_pseudonymous);
    assert_eq!(read.role(), models::ContactRole::User);
    assert_eq!(read.tags()[0].name.as_deref(), Some("R&D & more"));
    assert_eq!(read.company_ids().collect::<Vec<_>>(), ["c1"]);
    assert!(read.has_more_companies() && !read.has_more_tags());
    assert_eq!(read.last_replied_at.unwrap().timestamp(), 300);
    assert!(read.email.is_none() && read.name.is_none() && read.external_id.is_none());
    assert!(read.custom_attributes.is_empty());
}

#[test]
fn a_conversation_keeps_who_spoke_and_when_and_not_what_was_said() {
    let read: models::Conversation = read(&conversation());
    assert_eq!(read.contacts[0].id, pseudonym("5ba6"));
    assert_eq!(read.admin_assignee_id, Some(pseudonym("991")));
    assert_eq!(read.team_assignee_id.as_deref(), Some("77"));
    assert_eq!(read.teammates[0].id, pseudonym("991"));
    assert!(read.title.is_none());
    let source = read.source.as_ref().unwrap();
    assert!(source.has_content() && source.text().is_none() && source.headline().is_none());
    let parts = read.parts();
    let says: Vec<bool> = parts.iter().map(models::Part::has_content).collect();
    assert_eq!(says, [true, false, true]);
    assert!(parts.iter().all(|part| part.text().is_none()));
    assert_eq!(parts[2].part_type, "", "a sentence is no type");
    assert_eq!(parts[1].author.as_ref().unwrap().id, Some(pseudonym("991")));
    let statistics = read.statistics.as_ref().unwrap();
    assert_eq!(statistics.time_to_admin_reply_secs, Some(60));
}

#[test]
fn teammates_are_pseudonyms_and_teams_keep_their_names() {
    let admin: models::Admin = read(
        &json!({"id": "991", "name": CANARY, "email": CANARY, "team_ids": [77], "has_inbox_seat": true}),
    );
    assert_eq!(
        (admin.id, admin.name, admin.email),
        (pseudonym("991"), None, None)
    );
    let team: models::Team =
        read(&json!({"id": 77, "name": "Support", "admin_ids": [991, "5ba6"]}));
    assert_eq!(
        (team.id.as_str(), team.name.as_deref()),
        ("77", Some("Support"))
    );
    assert_eq!(team.admin_ids, [pseudonym("991"), pseudonym("5ba6")]);
    let company: models::Company = read(
        &json!({"id": "c1", "company_id": CANARY, "name": CANARY, "plan": {"name": CANARY}, "monthly_spend": 9, "size": 4}),
    );
    assert!(
        company.name.is_none() && company.plan_name().is_none() && company.monthly_spend.is_none()
    );
    assert_eq!((company.id.as_str(), company.size), ("c1", Some(4)));
}

#[test]
fn a_veiled_notification_says_the_same_as_what_is_fetched() {
    let (told, Item::Conversation(told_of)) = veiled("conversation.user.replied", &conversation())
    else {
        panic!("a conversation was expected")
    };
    assert!(
        !told.contains("canary") && !told.contains("5ba6") && !told.contains("991"),
        "{told}"
    );
    let fetched: models::Conversation = read(&conversation());
    for seen in [&*told_of, &fetched] {
        assert_eq!(seen.contacts[0].id, pseudonym("5ba6"));
        assert_eq!(seen.status(), harken_domain::ConversationStatus::Closed);
        assert_eq!(seen.priority(), models::ConversationPriority::High);
        assert_eq!(seen.updated_at.unwrap().timestamp(), 900);
        assert_eq!(seen.parts().len(), 3);
        assert!(seen.parts()[0].has_content() && !seen.parts()[1].has_content());
        assert_eq!(seen.tags[0].name.as_deref(), Some("vip"));
        assert_eq!(
            seen.statistics
                .as_ref()
                .unwrap()
                .first_contact_reply_at
                .unwrap()
                .timestamp(),
            120
        );
    }
}

#[test]
fn every_topic_is_veiled_and_reads_as_itself_again() {
    let within = json!({"contact": contact(), "tag": {"id": "2", "name": CANARY}, "company": {"id": "c1", "name": CANARY},
        "conversation": {"model": {"id": 2154, "body": CANARY}}});
    let mut merged = contact();
    merged["merged_from"] = json!({"id": "5ba5", "email": CANARY});
    let mut seen = 0;
    for topic in Topic::ALL {
        for item in [
            &within,
            &merged,
            &conversation(),
            &json!({"id": "5ba6", "email": CANARY}),
            &json!(CANARY),
        ] {
            let body = notification(topic.as_str(), item);
            let whole = Notification::read(&body).unwrap();
            for told in [whole.veiled(&key()), whole.about_no_person()] {
                let text = String::from_utf8(told.clone()).unwrap();
                assert!(!text.contains("canary"), "{topic}: {text}");
                let read = Notification::read(&told).unwrap();
                assert_eq!((&read.topic, read.id.as_deref()), (topic, Some("notif_1")));
                for raw in ["5ba6", "5ba5", "991"] {
                    let quoted = format!("\"{raw}\"");
                    let is_of_no_person = read.about().is_some_and(|about| {
                        about.kind != crate::webhook::AboutKind::Contact && about.external_id == raw
                    });
                    assert!(
                        is_of_no_person || !text.contains(&quoted),
                        "{topic}: {text}"
                    );
                }
                let before = Item::read(topic, whole.raw_item().unwrap());
                let after = Item::read_veiled(topic, read.raw_item().unwrap());
                if let (true, Ok(before), Ok(after)) =
                    (told == whole.veiled(&key()), &before, &after)
                {
                    assert_eq!(
                        std::mem::discriminant(before),
                        std::mem::discriminant(after),
                        "{topic}"
                    );
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen} items were read on both sides");
}

#[test]
fn a_merge_tells_by_pseudonyms_who_absorbed_whom() {
    let mut merged = contact();
    merged["merged_from"] = json!({"type": "contact", "id": "5ba5"});
    let (_, Item::MergedContact { survivor, absorbed }) = veiled("contact.merged", &merged) else {
        panic!("a merge was expected")
    };
    assert_eq!(
        (survivor.id, absorbed),
        (pseudonym("5ba6"), Some(pseudonym("5ba5")))
    );
}

#[test]
fn content_that_came_all_the_same_is_not_read_behind_the_door() {
    let raw = |item: Value| serde_json::value::RawValue::from_string(item.to_string()).unwrap();
    let read = Item::read_veiled(&Topic::ConversationUserReplied, &raw(conversation()));
    let Ok(Item::Conversation(read)) = read else {
        panic!("a conversation was expected")
    };
    assert!(read.title.is_none() && read.contacts[0].id.is_empty());
    assert!(read.parts().iter().all(|part| part.text().is_none()));
    assert!(Item::read_veiled(&Topic::ContactUserUpdated, &raw(contact())).is_err());
    assert!(Item::read_veiled(&Topic::ContactDeleted, &raw(json!({"id": "5ba6"}))).is_err());
}
