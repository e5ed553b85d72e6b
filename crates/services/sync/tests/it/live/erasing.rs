use serde_json::json;

use super::notifications::{Conversation, contact, part, told};
use crate::harness::{House, story};

const CANARY: &str = "Canary7f3a";

/// Deleted, redacted and merged away: no table holds a word of it any more.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn what_is_deleted_or_redacted_leaves_no_word() {
    let house = House::open(story(0, 0)).await;
    house.open_as(house.connection, true).await;
    let process = house.start().await;
    house.known(house.connection).await;
    let email = format!("{CANARY}@example.com");
    let gone = Conversation {
        id: "900",
        contact: "gone",
        state: "open",
        updated_at: 1100,
        counted: 1,
        parts: vec![part("91", "comment", 1100, "open", Some(CANARY))],
        is_old_form: false,
    };
    let mut kept = Conversation {
        id: "901",
        ..Conversation {
            parts: vec![part("92", "comment", 1100, "open", Some(CANARY))],
            id: "901",
            contact: "gone",
            state: "open",
            updated_at: 1100,
            counted: 1,
            is_old_form: true,
        }
    };
    let mut opened = kept.item();
    opened["source"]["body"] = json!(format!("<p>{CANARY} begins it</p>"));
    house
        .tell(&[
            told(
                "1",
                "contact.user.created",
                900,
                &contact("gone", Some(&email), CANARY, 900),
            ),
            told(
                "2",
                "contact.user.created",
                900,
                &contact("lead", Some(&email), CANARY, 900),
            ),
            told("3", "conversation.user.replied", 1100, &gone.item()),
            told("4", "conversation.user.replied", 1100, &opened),
        ])
        .await;
    house.taken(4).await;
    assert!(
        house.dump().await.contains(CANARY),
        "the canary has to live before it can die"
    );
    let mut redacted = part(
        "92",
        "comment",
        1100,
        "open",
        Some("This message was deleted"),
    );
    redacted["redacted"] = json!(true);
    redacted["updated_at"] = json!(1200);
    kept.updated_at = 1200;
    kept.parts = vec![redacted];
    let mut erased = kept.item();
    erased["source"]["redacted"] = json!(true);
    erased["source"]["body"] = json!("This message was deleted");
    let mut survivor = contact("user", Some("sam@example.com"), "Sam", 1300);
    survivor["merged_from"] = json!({"type": "contact", "id": "lead"});
    house
        .tell(&[
            told(
                "5",
                "conversation.deleted",
                1150,
                &json!({"type": "conversation", "conversation_id": "900"}),
            ),
            told("6", "conversation_part.redacted", 1200, &erased),
            told(
                "7",
                "contact.deleted",
                1250,
                &json!({"type": "contact", "id": "gone", "deleted": true}),
            ),
            told("8", "contact.merged", 1300, &survivor),
            // Late, and from before the redaction and the deletions.
            told("9", "conversation.read", 1100, &opened),
            told("10", "conversation.user.replied", 1100, &gone.item()),
            told(
                "11",
                "contact.user.updated",
                901,
                &contact("gone", Some(&email), CANARY, 901),
            ),
        ])
        .await;
    house.taken(11).await;
    let dump = house.dump().await;
    assert!(!dump.contains(CANARY), "{dump}");
    process.stop().await;
}
