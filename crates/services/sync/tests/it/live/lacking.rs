use harken_contracts::wire::sync::v1::IncompleteReason as Reason;
use harken_testkit::{eventually, eventually_some};
use serde_json::{Value, json};

use super::notifications::{Told, part, told};
use crate::harness::{House, story};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_only_a_notification_told_of_waits_until_it_is_fetched() {
    let house = House::open(story(30, 30)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let id = house
        .truth()
        .await
        .conversations
        .into_keys()
        .next()
        .unwrap();
    let item = house.intercom(&format!("conversations/{id}")).await;
    for table in ["parts", "conversations"] {
        let query = format!("DELETE FROM sync.{table}");
        sqlx::query(sqlx::AssertSqlSafe(query))
            .execute(&house.pool)
            .await
            .unwrap();
    }
    house.vault.away(true);
    let at = item["updated_at"].as_i64().unwrap();
    house
        .tell(&[told("1", "conversation.admin.replied", at, &item)])
        .await;
    house.taken(1).await;
    let listed = house.incomplete(&process, Reason::Unspecified, "").await;
    let [record] = &listed[..] else {
        panic!("{listed:?}")
    };
    assert_eq!(
        (record.external_id.as_str(), record.reason()),
        (id.as_str(), Reason::Waiting)
    );
    assert!(record.parts_held.is_some() && record.id.starts_with("cnv_"));
    house.vault.away(false);
    eventually("it is complete", async || {
        house
            .incomplete(&process, Reason::Unspecified, "")
            .await
            .is_empty()
    })
    .await;
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_is_given_up_says_why() {
    let house = House::open(story(3, 3)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    house.vault.away(true);
    let ids = Told {
        ids_only: true,
        ..told("1", "conversation.read", 1, &json!({"id": "404404"}))
    };
    house.tell(&[ids]).await;
    house.taken(1).await;
    let waiting = house.incomplete(&process, Reason::Waiting, "404404").await;
    assert_eq!(waiting.len(), 1);
    let unreadable = json!({"path": "/conversations/404404", "times": 9, "harm": "empty_body"});
    house.order("faults", unreadable).await;
    house.vault.away(false);
    // As if it had been asked for often enough.
    sqlx::query("UPDATE sync.repairs SET attempts = 10, due_at = now()")
        .execute(&house.pool)
        .await
        .unwrap();
    let record = eventually_some("it is given up", async || {
        house
            .incomplete(&process, Reason::Unreadable, "404404")
            .await
            .pop()
    })
    .await;
    assert!(record.detail.contains("is empty"), "{}", record.detail);
    assert!(!record.intercom_request_id.is_empty());
    house.forget_faults().await;
    // The next run asks for it once more, and then it is gone.
    house.run_again(&process).await;
    house.repaired().await;
    let left = house
        .incomplete(&process, Reason::Unspecified, "404404")
        .await;
    assert!(left.is_empty(), "{left:?}");
    process.stop().await;
}

/// A tail is the whole, too, where older parts have been seen before.
#[tokio::test(flavor = "multi_thread")]
async fn older_parts_that_are_held_are_kept_and_counted() {
    let house = House::open(story(200, 400)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let listed = house.incomplete(&process, Reason::Truncated, "").await;
    let record = listed
        .first()
        .expect("the story holds a conversation of more than 500 parts");
    let lacking = record.parts_counted.unwrap() - 500;
    let mut item = house
        .intercom(&format!("conversations/{}", record.external_id))
        .await;
    let before = item["created_at"].as_i64().unwrap();
    let older: Vec<Value> = (0..lacking)
        .map(|n| {
            part(
                &format!("7{n}"),
                "comment",
                before + i64::from(n),
                "open",
                Some("older"),
            )
        })
        .collect();
    item["conversation_parts"] = json!({"total_count": lacking, "conversation_parts": older});
    let at = item["updated_at"].as_i64().unwrap();
    house
        .tell(&[told("1", "conversation.admin.replied", at, &item)])
        .await;
    house.taken(1).await;
    house.repaired().await;
    let still = house
        .incomplete(&process, Reason::Truncated, &record.external_id)
        .await;
    assert!(still.is_empty(), "{still:?}");
    house.run_again(&process).await;
    let held: i32 =
        sqlx::query_scalar("SELECT parts_held FROM sync.conversations WHERE external_id = $1")
            .bind(&record.external_id)
            .fetch_one(&house.pool)
            .await
            .unwrap();
    assert_eq!(held.unsigned_abs(), record.parts_counted.unwrap() + 1);
    process.stop().await;
}

/// Intercom lists nobody's deletion of a contact or a company: who does not turn up is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_turn_up_any_more_is_asked_for_and_buried() {
    let house = House::open(story(60, 20)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    house.run_again(&process).await;
    house.repaired().await;
    let one = async |table: &str| -> String {
        let query = format!("SELECT min(external_id) FROM sync.{table}");
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query));
        query.fetch_one(&house.pool).await.unwrap()
    };
    let (contact, company) = (one("contacts").await, one("companies").await);
    let asked_one_by_one = |kind: &str| {
        let asked = house.vault.asked();
        let prefix = format!("/{kind}/");
        asked
            .iter()
            .filter(|path| path.starts_with(&prefix) && !path.ends_with("scroll"))
            .count()
    };
    assert_eq!(
        asked_one_by_one("companies"),
        0,
        "what turns up is not asked for"
    );
    let gone = [contact.clone(), company.clone()];
    house.vault.mend(move |path, answer| {
        if matches!(path, "/contacts" | "/companies/scroll") {
            let listed = answer["data"].as_array_mut().unwrap();
            listed.retain(|one| !gone.iter().any(|id| one["id"] == id.as_str()));
        }
    });
    for path in [
        format!("/contacts/{contact}"),
        format!("/companies/{company}"),
    ] {
        let gone =
            json!({"path": path, "times": 9, "harm": "status", "status": 404, "code": "not_found"});
        house.order("faults", gone).await;
    }
    house.run_again(&process).await;
    house.repaired().await;
    for (table, id) in [("contacts", &contact), ("companies", &company)] {
        let query = format!("SELECT count(*) FROM sync.{table} WHERE external_id = $1");
        let held: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(id)
            .fetch_one(&house.pool)
            .await
            .unwrap();
        assert_eq!(held, 0, "{table}");
    }
    let buried = "SELECT count(*) FROM sync.tombstones WHERE connection_id = $1";
    assert_eq!(house.count(buried, house.connection).await, 2);
    process.stop().await;
}
