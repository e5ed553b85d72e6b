use std::collections::BTreeSet;

use harken_contracts::subjects::Lane;
use harken_contracts::wire::types::v1::DataPolicy;
use serde_json::{Value, json};

use crate::client;
use crate::harness::{
    BARE_WORKSPACE, House, OWN_SECRET, OWN_WORKSPACE, SECRET, WORKSPACE, connection, notification,
    notification_of, own_path,
};
use crate::vault::route;

#[tokio::test]
async fn a_notification_is_on_the_bus_when_it_is_answered() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let reply = house.post(&body).await;
    assert_eq!((reply.status, reply.stored()), (200, Some("stream")));
    let (delivery, event) = house.streamed(1).await.remove(0);
    assert_eq!(delivery.message_id, "wsk1:notif_1");
    assert_eq!(delivery.connection, connection(WORKSPACE));
    assert_eq!(event.connection_id, connection(WORKSPACE).to_string());
    assert_eq!(event.workspace_id, WORKSPACE);
    assert_eq!(event.notification_id, "notif_1");
    assert_eq!(event.topic, "conversation.user.replied");
    assert_eq!(event.lane, Lane::of("215470000000001").number());
    assert!(!event.ids_only);
    assert_eq!(&event.body[..], &body[..]);
    let received = event.received_at.unwrap();
    assert_eq!(received.seconds, house.clock.now().timestamp());
    house.close().await;
}

#[tokio::test]
async fn an_own_app_is_told_by_its_address() {
    let house = House::open().await;
    let body = notification(OWN_WORKSPACE, "notif_1");
    let reply = house.post_signed(&own_path(), OWN_SECRET, &body).await;
    assert_eq!(reply.stored(), Some("stream"));
    let (delivery, _) = house.streamed(1).await.remove(0);
    assert_eq!(delivery.connection, connection(OWN_WORKSPACE));
    house.close().await;
}

#[tokio::test]
async fn what_intercom_sends_twice_is_there_once() {
    let house = House::open().await;
    let first = notification(WORKSPACE, "notif_1");
    let again = String::from_utf8(first.clone()).unwrap();
    let again = again.replace("\"delivery_attempts\":1", "\"delivery_attempts\":2");
    for body in [first.as_slice(), again.as_bytes(), first.as_slice()] {
        assert_eq!(house.post(body).await.stored(), Some("stream"));
    }
    let unnamed = notification_of(WORKSPACE, "conversation.read", &Value::Null);
    for _ in 0..3 {
        assert_eq!(house.post(&unnamed).await.stored(), Some("stream"));
    }
    assert_eq!(house.in_stream().await, 2);
    house.close().await;
}

#[tokio::test]
async fn where_content_was_not_invited_structure_alone_is_kept() {
    let house = House::open_impatient().await;
    let body = notification(BARE_WORKSPACE, "notif_1");
    assert_eq!(house.post(&body).await.stored(), Some("stream"));
    let (delivery, event) = house.streamed(1).await.remove(0);
    assert!(event.veiled && !event.ids_only);
    let kept = String::from_utf8_lossy(&event.body).into_owned();
    assert!(
        !kept.contains("canary") && kept.contains("215470000000001"),
        "{kept}"
    );
    assert!(!String::from_utf8_lossy(&delivery.payload).contains("canary"));

    house.bus_link.cut();
    let body = notification(BARE_WORKSPACE, "notif_2");
    assert_eq!(house.post(&body).await.stored(), Some("spool"));
    let spooled: Vec<u8> = sqlx::query_scalar("SELECT message FROM ingress.spool")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap();
    assert!(!String::from_utf8_lossy(&spooled).contains("canary"));
    house.close().await;
}

#[tokio::test]
async fn people_go_by_pseudonyms_in_both_forms_of_a_notification() {
    let house = House::open().await;
    let contact = json!({"type": "contact", "id": "5ba682d2", "email": "canary@example.com", "name": "Canary",
        "role": "user", "external_id": "canary-7", "last_seen_at": 1_795_176_000});
    let items = [
        // 2.15 and newer say who was absorbed; 2.14 has text for times, numbers for ids, and no lists of teammates.
        json!({"type": "contact", "id": "5ba682d2", "email": "canary@example.com", "merged_from": contact}),
        json!({"type": "contact", "id": "5ba682d2", "name": "Canary", "updated_at": "2026-07-29T10:30:00.465+00:00",
            "admin_assignee_id": null, "contacts": [contact]}),
    ];
    for (n, item) in items.iter().enumerate() {
        let topic = if n == 0 {
            "contact.merged"
        } else {
            "contact.user.updated"
        };
        let body = json!({"type": "notification_event", "app_id": BARE_WORKSPACE, "topic": topic,
            "id": format!("notif_{n}"), "data": {"item": item}});
        let reply = house.post(body.to_string().as_bytes()).await;
        assert_eq!(reply.stored(), Some("stream"));
    }
    for (delivery, event) in house.streamed(2).await {
        let kept = String::from_utf8_lossy(&delivery.payload).to_lowercase();
        assert!(event.veiled && kept.contains("\"id\":\"ps_"), "{kept}");
        assert!(
            !kept.contains("canary") && !kept.contains("5ba682d2"),
            "{kept}"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn without_the_key_of_its_pseudonyms_a_notification_is_refused_and_kept_nowhere() {
    let house = House::open().await;
    let route = route(connection("keyless"), "keyless", DataPolicy::MetadataOnly);
    house
        .vault
        .known()
        .routes
        .insert("keyless".to_owned(), route);
    let reply = house.post(&notification("keyless", "notif_1")).await;
    assert_eq!(reply.status, 503);
    for table in [
        "SELECT count(*) FROM ingress.spool",
        "SELECT count(*) FROM ingress.quarantine",
    ] {
        assert_eq!(house.count(table).await, 0, "{table}");
    }
    assert_eq!(house.in_stream().await, 0);
    house.close().await;
}

#[tokio::test]
async fn a_ping_is_heard_and_not_kept() {
    let house = House::open().await;
    let ping = notification_of(WORKSPACE, "ping", &Value::Null);
    let reply = house.post(&ping).await;
    assert_eq!((reply.status, reply.stored()), (200, None));
    assert_eq!(house.in_stream().await, 0);
    house.close().await;
}

#[tokio::test]
async fn a_mebibyte_is_taken_and_a_byte_more_is_not() {
    let house = House::open().await;
    for (size, status) in [((1 << 20) - 1, 200), (1 << 20, 200), ((1 << 20) + 1, 413)] {
        let empty = json!({"app_id": WORKSPACE, "topic": "conversation.read", "id": format!("notif_{size}"),
            "data": {"item": {"id": "7", "body": ""}}});
        let text = serde_json::to_string(&empty).unwrap();
        let filler = "x".repeat(size - text.len());
        let body = text.replace("\"body\":\"\"", &format!("\"body\":\"{filler}\""));
        assert_eq!(body.len(), size);
        let reply = house.post(body.as_bytes()).await;
        assert_eq!(reply.status, status, "{size}");
        // Counted as it comes, too.
        let signature = client::signature(SECRET, body.as_bytes());
        let mut chunked = format!(
            "POST /api/v1/webhooks/intercom HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: {signature}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        .into_bytes();
        for piece in body.as_bytes().chunks(50_000) {
            chunked.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            chunked.extend_from_slice(piece);
            chunked.extend_from_slice(b"\r\n");
        }
        chunked.extend_from_slice(b"0\r\n\r\n");
        let mut client = client::Client::connect(house.address).await;
        client.send(&chunked).await;
        assert_eq!(
            client.reply().await.unwrap().status,
            status,
            "{size} in chunks"
        );
    }
    // What the bus would not take is kept by its ids.
    for (_, event) in house.streamed(2).await {
        assert!(event.ids_only && event.body.len() < 1000);
    }
    house.close().await;
}

#[tokio::test]
async fn a_notice_of_uninstall_is_passed_on() {
    let house = House::open().await;
    let path = "/api/v1/intercom/uninstall";
    let reply = client::post(house.address, path, &[], br#"{"app_id":"wsk1"}"#).await;
    assert_eq!(reply.status, 200);
    assert_eq!(house.vault.known().uninstalled, ["wsk1"]);
    for wrong in [
        &b""[..],
        b"{}",
        b"[]",
        br#"{"app_id":""}"#,
        br#"{"app_id":"a b"}"#,
        b"\xff",
    ] {
        let reply = client::post(house.address, path, &[], wrong).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.problem()["field"], "app_id");
    }
    let reply = client::post(house.address, path, &[], &[b' '; 5000]).await;
    assert_eq!(reply.status, 413);
    house.vault.known().is_away = true;
    let reply = client::post(house.address, path, &[], br#"{"app_id":"wsk1"}"#).await;
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (503, Some("60"))
    );
    house.close().await;
}

#[tokio::test]
async fn connections_are_used_again() {
    let house = House::open().await;
    let mut client = client::Client::connect(house.address).await;
    let mut ids = BTreeSet::new();
    for number in 0..20 {
        let body = notification(WORKSPACE, &format!("notif_{number}"));
        let signature = client::signature(SECRET, &body);
        let headers = [("X-Hub-Signature", signature.as_str())];
        client
            .send(&client::request(
                "POST",
                crate::harness::PATH,
                &headers,
                &body,
            ))
            .await;
        assert_eq!(client.reply().await.unwrap().stored(), Some("stream"));
        ids.insert(format!("wsk1:notif_{number}"));
    }
    let streamed = house.streamed(20).await;
    let kept: BTreeSet<String> = streamed
        .into_iter()
        .map(|(one, _)| one.message_id)
        .collect();
    assert_eq!(kept, ids);
    house.close().await;
}
