use harken_contracts::wire::sync::v1::StartRunRequest;
use harken_runtime::status;
use harken_testkit::eventually;
use serde_json::json;

use super::notifications::{Conversation, contact, part, told};
use crate::harness::{House, story};

fn conversation() -> serde_json::Value {
    let parts = vec![part("71", "comment", 1100, "open", Some("Hello"))];
    Conversation {
        id: "700",
        contact: "user",
        state: "open",
        updated_at: 1100,
        counted: 1,
        parts,
        is_old_form: false,
    }
    .item()
}

#[tokio::test]
async fn a_synthetic_connection_reads_nothing_and_leaves_nothing() {
    let house = House::open(story(0, 0)).await;
    house.open_as(house.connection, true).await;
    let process = house.start().await;
    house.known(house.connection).await;
    house
        .tell(&[
            told(
                "1",
                "contact.user.created",
                900,
                &contact("user", Some("d@example.com"), "D", 900),
            ),
            told("2", "conversation.user.replied", 1100, &conversation()),
            told("3", "something.new", 1100, &json!({"id": "7"})),
        ])
        .await;
    house.taken(3).await;
    let live = house.live(&process, house.connection).await;
    assert_eq!((live.repairs_waiting, house.vault.calls()), (0, 0));
    let request = StartRunRequest {
        connection_id: house.connection.to_string(),
        kind: 0,
    };
    let refused = house.runs(&process).start_run(request).await.unwrap_err();
    assert_eq!(
        status::reason_of(&refused).as_deref(),
        Some("CONNECTION_SYNTHETIC")
    );
    house
        .close_one(house.connection, "the drill is over", 2, true)
        .await;
    eventually("everything is erased", async || {
        let tables = [
            "contacts",
            "conversations",
            "parts",
            "notifications",
            "notification_hours",
            "unknown_topics",
        ];
        let mut left = 0;
        for table in tables {
            let query = format!("SELECT count(*) FROM sync.{table}");
            left += sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(query))
                .fetch_one(&house.pool)
                .await
                .unwrap();
        }
        left == 0
    })
    .await;
    process.stop().await;
}
