//! Tickets, which show up as conversations where the app may read them.

use serde_json::{Value, json};

use crate::harness::{House, story};

/// Makes a ticket of a conversation, in the form of older versions: who it is assigned to as text, `"0"` for nobody.
fn as_ticket(answer: &mut Value) {
    answer["ticket"] = json!({"type": "ticket", "id": "494", "ticket_id": "12", "category": "Customer",
        "ticket_attributes": {"_default_title_": "Broken export"}, "ticket_state": "in_progress", "open": true});
    answer["admin_assignee_id"] = json!("0");
    answer["team_assignee_id"] = json!("0");
    let at = answer["updated_at"].clone();
    let parts = answer["conversation_parts"]["conversation_parts"]
        .as_array_mut()
        .unwrap();
    for (id, part_type) in [
        ("900001", "ticket_state_updated_by_admin"),
        ("900002", "ticket_attribute_updated_by_admin"),
    ] {
        parts.push(
            json!({"type": "conversation_part", "id": id, "part_type": part_type, "body": null,
            "created_at": at, "updated_at": at, "author": {"type": "admin", "id": "1"},
            "assigned_to": {"type": "nobody_admin", "id": null}, "ticket_state": "in_progress"}),
        );
    }
    let count = parts.len();
    answer["conversation_parts"]["total_count"] = count.into();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_mirrored_as_the_conversation_that_it_is() {
    let house = House::open(story(60, 60)).await;
    let truth = house.truth().await;
    let id = truth.conversations.keys().next().unwrap().clone();
    let path = format!("/conversations/{id}");
    house.vault.mend(move |asked, answer| {
        if asked == path {
            as_ticket(answer);
        }
    });
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let (parts_held, is_complete, ticket): (i32, bool, Option<Value>) = sqlx::query_as(
        "SELECT parts_held, parts_complete, extra->'ticket' FROM sync.conversations WHERE external_id = $1",
    )
    .bind(&id)
    .fetch_one(&house.pool)
    .await
    .unwrap();
    assert!(is_complete && parts_held > 2);
    assert_eq!(ticket.unwrap()["ticket_state"], "in_progress");
    let parts: Vec<(String, bool, Option<String>, Option<Value>)> = sqlx::query_as(
        "SELECT part_type, is_visible_message, body, extra FROM sync.parts
         WHERE conversation_external_id = $1 AND part_type LIKE 'ticket%' ORDER BY external_id",
    )
    .bind(&id)
    .fetch_all(&house.pool)
    .await
    .unwrap();
    assert_eq!(parts.len(), 2);
    for (part_type, is_visible, body, extra) in parts {
        assert!(!is_visible && body.is_none(), "{part_type} is no message");
        assert_eq!(extra.unwrap()["ticket_state"], "in_progress");
    }
}
