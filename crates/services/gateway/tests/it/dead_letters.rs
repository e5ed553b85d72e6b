//! Dead letters over gRPC, over JSON and in the console.

use std::pin::pin;

use futures::StreamExt as _;
use harken_bus::WatchFrom;
use harken_contracts::subjects;
use harken_contracts::wire::dead::v1::{
    DeadLetterSelection, DropDeadLettersRequest, GetDeadLetterRequest, ListDeadLettersRequest,
    ReplayDeadLettersRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::{ConnectionId, OrganizationId, Role};
use harken_runtime::status;
use serde_json::json;
use tonic::Code;

use crate::fakes::connection_id;
use crate::house::House;

async fn house(letters: usize) -> House {
    let house = House::open().await;
    house.fakes.connected();
    for number in 0..letters {
        house.bury(&format!("m{number}")).await;
    }
    house
}

fn all() -> DeadLetterSelection {
    DeadLetterSelection::default()
}

fn replay(dry_run: bool) -> ReplayDeadLettersRequest {
    ReplayDeadLettersRequest {
        selection: Some(all()),
        dry_run,
    }
}

#[tokio::test]
async fn letters_are_listed_in_pages_for_their_organization_alone() {
    let house = house(5).await;
    let theirs = (
        OrganizationId::derive(&[b"x"]),
        ConnectionId::derive(&[b"x"]),
    );
    house.bury_of("theirs", theirs.0, theirs.1).await;
    let mut rpc = house.rpc(Role::Viewer).await;
    let mut token = String::new();
    let mut ids = Vec::new();
    loop {
        let request = ListDeadLettersRequest {
            selection: Some(all()),
            page: Some(PageRequest {
                page_size: 2,
                page_token: token,
            }),
        };
        let listed = rpc.list_dead_letters(request).await.unwrap().into_inner();
        assert_eq!(listed.page.as_ref().unwrap().total_count, 5);
        ids.extend(listed.dead_letters.iter().map(|one| one.dead_letter_id));
        token = listed.page.unwrap().next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(ids, [5, 4, 3, 2, 1]);

    let of_theirs = ListDeadLettersRequest {
        selection: Some(DeadLetterSelection {
            connection_id: theirs.1.to_string(),
            ..DeadLetterSelection::default()
        }),
        page: None,
    };
    let refused = rpc.list_dead_letters(of_theirs).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let one = GetDeadLetterRequest { dead_letter_id: 6 };
    let refused = rpc.get_dead_letter(one).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let mut admin = house.rpc(Role::Admin).await;
    let naming_theirs = DropDeadLettersRequest {
        selection: Some(DeadLetterSelection {
            dead_letter_ids: vec![6],
            ..DeadLetterSelection::default()
        }),
        dry_run: false,
    };
    let report = admin.drop_dead_letters(naming_theirs).await.unwrap();
    assert_eq!(report.into_inner().count, 0, "it is not ours to drop");
}

#[tokio::test]
async fn viewers_see_no_content_and_dispose_of_nothing() {
    let house = house(1).await;
    let one = GetDeadLetterRequest { dead_letter_id: 1 };
    let mut viewer = house.rpc(Role::Viewer).await;
    let seen = viewer.get_dead_letter(one).await.unwrap().into_inner();
    assert_eq!(seen.message_json, "");
    let letter = seen.dead_letter.unwrap();
    assert_eq!(letter.error, "the item is no conversation");
    assert_eq!(letter.message_id, "m0");

    let mut member = house.rpc(Role::Member).await;
    let seen = member.get_dead_letter(one).await.unwrap().into_inner();
    assert!(seen.message_json.contains("secret words of"));
    for dry_run in [true, false] {
        let refused = member.replay_dead_letters(replay(dry_run)).await;
        let refused = refused.unwrap_err();
        assert_eq!(status::reason_of(&refused).as_deref(), Some("ROLE_TOO_LOW"));
    }
    assert_eq!(house.buried().await, 1);
}

#[tokio::test]
async fn a_dry_run_does_nothing_and_a_replay_gives_the_message_back() {
    let house = house(2).await;
    let mut rpc = house.rpc(Role::Admin).await;
    let tried = rpc.replay_dead_letters(replay(true)).await.unwrap();
    let tried = tried.into_inner();
    assert!(tried.dry_run);
    assert_eq!((tried.count, tried.sample.len()), (2, 2));
    assert_eq!(house.buried().await, 2);
    assert!(!house.fakes.was_asked("record_audit"));

    let done = rpc.replay_dead_letters(replay(false)).await.unwrap();
    let done = done.into_inner();
    assert_eq!((done.count, done.remaining, done.dry_run), (2, 0, false));
    assert_eq!(house.buried().await, 0);
    assert!(
        house
            .fakes
            .was_asked("record_audit(dead_letters.replayed: 2 dead letters)")
    );
    let told = house
        .bus
        .watch(vec![subjects::all_webhooks()], WatchFrom::Beginning);
    let mut told = pin!(told.await.unwrap());
    let mut ids = [
        told.next().await.unwrap().message_id,
        told.next().await.unwrap().message_id,
    ];
    ids.sort_unstable();
    assert_eq!(ids, ["m0", "m1"]);
    let again = rpc.replay_dead_letters(replay(false)).await.unwrap();
    assert_eq!(again.into_inner().count, 0);
}

#[tokio::test]
async fn nothing_is_done_that_cannot_be_audited() {
    let house = house(1).await;
    house.fakes.held().audit_is_away = true;
    let mut rpc = house.rpc(Role::Owner).await;
    let refused = rpc.replay_dead_letters(replay(false)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    let drop = DropDeadLettersRequest {
        selection: Some(all()),
        dry_run: false,
    };
    assert!(rpc.drop_dead_letters(drop).await.is_err());
    assert_eq!(house.buried().await, 1);
}

#[tokio::test]
async fn a_word_that_is_none_is_refused_by_name() {
    let house = house(0).await;
    let mut rpc = house.rpc(Role::Viewer).await;
    let request = ListDeadLettersRequest {
        selection: Some(DeadLetterSelection {
            reason: "pa.>".to_owned(),
            ..DeadLetterSelection::default()
        }),
        page: None,
    };
    let refused = rpc.list_dead_letters(request).await.unwrap_err();
    assert_eq!(
        status::field_of(&refused).as_deref(),
        Some("selection.reason")
    );
}

#[tokio::test]
async fn programs_do_the_same_over_json() {
    let house = house(3).await;
    let mut viewer = house.browser().with_key("hk_viewer");
    let listed = viewer
        .get("/api/v1/dead-letters?reason=undecodable&page_size=2")
        .await
        .json();
    assert_eq!(listed["dead_letters"].as_array().unwrap().len(), 2);
    assert_eq!(listed["page"]["total_count"], 3);
    assert_eq!(
        listed["dead_letters"][0]["event_type"],
        "webhook.v1.received"
    );
    let one = viewer.get("/api/v1/dead-letters/1").await.json();
    assert_eq!(one["message_id"], "m0");
    assert!(one["message"].is_null());
    let body = json!({"dead_letter_ids": [1, 2]});
    let refused = viewer.post_json("/api/v1/dead-letters/drop", &body).await;
    assert_eq!(refused.status, 403);

    let mut admin = house.browser().with_key("hk_admin");
    let one = admin.get("/api/v1/dead-letters/1").await.json();
    assert_eq!(one["message"]["body"]["secret words of"], "m0");
    let dropped = admin.post_json("/api/v1/dead-letters/drop", &body).await;
    assert_eq!(dropped.json()["count"], 2, "{}", dropped.text);
    assert_eq!(house.buried().await, 1);
}

#[tokio::test]
async fn the_console_asks_before_letters_leave() {
    let house = house(3).await;
    let mut admin = house.signed_in(Role::Admin);
    let list = admin.get("/settings/dead-letters").await.text;
    assert!(list.contains("3 dead letters"), "{list}");
    assert!(list.contains("The item is no conversation."));
    let asked = admin
        .get("/settings/dead-letters/confirm?id=1&id=3&do=replay")
        .await
        .text;
    assert!(asked.contains("Replay 2 dead letters?"), "{asked}");
    assert!(asked.contains("value=\"1,3\""));
    assert_eq!(house.buried().await, 3, "asking does nothing");
    let nothing = admin.get("/settings/dead-letters/confirm?do=drop").await;
    assert!(nothing.text.contains("Nothing to do"));

    let form = [("ids", "1,3"), ("until", "2026-11-20T12:00:00Z")];
    let answer = admin.submit("/settings/dead-letters/replay", &form).await;
    assert_eq!(answer.location(), "/settings/dead-letters?notice=replayed");
    assert_eq!(house.buried().await, 1);
    let page = admin.get("/settings/dead-letters/2").await.text;
    assert!(page.contains("secret words of"));
    let foreign = admin.get("/settings/dead-letters/77").await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn a_viewer_of_the_console_sees_letters_without_what_they_carry() {
    let house = house(1).await;
    let mut viewer = house.signed_in(Role::Viewer);
    let list = viewer.get("/settings/dead-letters").await.text;
    assert!(!list.contains("Replay ticked"));
    let page = viewer.get("/settings/dead-letters/1").await.text;
    assert!(!page.contains("secret words of"));
    assert!(page.contains("Members and above"));
    let confirm = viewer.get("/settings/dead-letters/confirm?id=1&do=drop");
    assert_eq!(confirm.await.status, 403);
    let form = [("ids", "1"), ("until", "2026-11-20T12:00:00Z")];
    let refused = viewer.submit("/settings/dead-letters/drop", &form).await;
    assert_eq!(refused.status, 403);
    assert_eq!(house.buried().await, 1);
    let other = viewer
        .get(&format!(
            "/settings/dead-letters?connection={}&reason=panic",
            connection_id()
        ))
        .await;
    assert!(other.text.contains("No dead letter matches"));
}
