//! How a connection ends, and comes back.

use chrono::TimeDelta;
use harken_contracts::convert::timestamp;
use harken_contracts::wire::events::v1::ErasedCount;
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1::{
    ConnectionMethod, ConnectionState, Erasure, ErasureReceipt,
};
use harken_domain::Role;
use harken_runtime::status;
use serde_json::json;

use crate::fakes::connection_id;
use crate::house::House;

const NAME: [(&str, &str); 1] = [("workspace_name", "Northwind <Support>")];

fn page(name: &str) -> String {
    format!("/integrations/{}/{name}", connection_id())
}

fn erasure(house: &House, is_overdue: bool) -> Erasure {
    let now = house.fakes.clock.now();
    Erasure {
        connection_id: connection_id().to_string(),
        requested_at: Some(timestamp(now - TimeDelta::hours(25))),
        receipts: vec![ErasureReceipt {
            service: "sync".to_owned(),
            erased: vec![
                ErasedCount {
                    place: "sync.contacts".to_owned(),
                    count: 1_500,
                },
                ErasedCount {
                    place: "sync.parts".to_owned(),
                    count: 0,
                },
            ],
            erased_at: Some(timestamp(now)),
        }],
        waiting_for: vec!["scoring".to_owned(), "bus".to_owned()],
        is_overdue,
        ..Erasure::default()
    }
}

#[tokio::test]
async fn a_purging_connection_is_ended_only_by_who_types_its_name() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().connections[0].set_on_disconnect(OnDisconnect::Purge);
    let mut admin = house.signed_in(Role::Admin);
    let asked = admin.get(&page("disconnect")).await.text;
    for part in [
        "500 customers, their conversations and scores are erased within 24 hours",
        "cannot be undone",
        "receipt",
        "Disconnect and erase",
    ] {
        assert!(asked.contains(part), "{part}");
    }
    let wrong = admin
        .submit(&page("disconnect"), &[("workspace_name", "Northwind")])
        .await;
    assert_eq!(wrong.status, 200);
    assert!(
        wrong
            .text
            .contains("That is not the name of the workspace.")
    );
    assert!(!house.fakes.was_asked("disconnect"));
    let ended = admin.submit(&page("disconnect"), &NAME).await;
    assert_eq!(
        ended.location(),
        format!("{}?notice=disconnecting", page("erasure"))
    );
}

#[tokio::test]
async fn data_that_was_kept_is_removed_by_who_types_its_name_and_receipts_follow() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().connections[0].set_state(ConnectionState::Disconnected);
    let mut admin = house.signed_in(Role::Admin);
    let card = admin.get("/integrations").await.text;
    assert!(card.contains("Remove data…") && card.contains("Reconnect Intercom"));
    let wrong = admin
        .submit(&page("remove-data"), &[("workspace_name", "?")])
        .await;
    assert!(
        wrong
            .text
            .contains("That is not the name of the workspace.")
    );
    let removing = admin.submit(&page("remove-data"), &NAME).await;
    assert_eq!(
        removing.location(),
        format!("{}?notice=removing", page("erasure"))
    );

    house.fakes.held().erasure = erasure(&house, false);
    let shown = admin.get(removing.location()).await.text;
    for part in [
        "Waiting for scoring and the message bus.",
        "sync.contacts",
        "1,500",
        "1,500 rows and messages",
        "erasure?format=csv",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let card = admin.get("/integrations").await.text;
    assert!(
        card.contains("Everything that was read is being erased.")
            && card.contains("Disconnecting")
    );

    house.fakes.held().erasure = erasure(&house, true);
    let late = admin.get(&page("erasure")).await.text;
    assert!(late.contains("This takes longer than 24 hours."));
    assert!(
        admin
            .get("/integrations")
            .await
            .text
            .contains("Erasing takes longer than 24 hours.")
    );

    house.fakes.held().connections[0].set_state(ConnectionState::Purged);
    house.fakes.held().erasure.waiting_for.clear();
    house.fakes.held().erasure.is_overdue = false;
    house.fakes.held().erasure.completed_at = Some(timestamp(house.fakes.clock.now()));
    let done = admin.get(&page("erasure")).await.text;
    assert!(done.contains("Everything is erased") && done.contains("Purged"));
}

#[tokio::test]
async fn what_is_still_connected_is_not_removed() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().mishap = Some(status::failed_precondition(
        "STILL_CONNECTED",
        "disconnect it first",
    ));
    let refused = house
        .signed_in(Role::Owner)
        .submit(&page("remove-data"), &NAME)
        .await;
    assert!(refused.text.contains("still connected"), "{}", refused.text);
    let none = house.signed_in(Role::Owner).get(&page("erasure")).await;
    assert!(none.text.contains("Nothing was erased"));
}

#[tokio::test]
async fn receipts_are_downloaded_as_json_and_csv() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().erasure = erasure(&house, false);
    let mut key = house.browser().with_key("hk_viewer");
    let path = format!("/api/v1/connections/{}/erasure", connection_id());
    let told = key.get(&path).await.json();
    assert_eq!(told["total"], 1_500);
    assert_eq!(told["receipts"][0]["erased"][0]["place"], "sync.contacts");
    assert_eq!(told["waiting_for"], json!(["scoring", "bus"]));
    let table = key.get(&format!("{path}?format=csv")).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<_> = table.text.lines().collect();
    assert_eq!(lines[0], "service,place,count,erased_at");
    assert_eq!(lines[1], "sync,sync.contacts,1500,2026-11-20T12:00:00Z");
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn a_token_is_replaced_and_what_was_read_stays() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().connections[0].set_method(ConnectionMethod::AccessToken);
    let mut admin = house.signed_in(Role::Admin);
    assert!(
        admin
            .get("/integrations")
            .await
            .text
            .contains("Replace token…")
    );
    let asked = admin.get(&page("token")).await.text;
    assert!(asked.contains("Everything that was read stays"));
    let form = [("access_token", " dG9rOmNhbmFyeQ== "), ("action", "save")];
    let replaced = admin.submit(&page("token"), &form).await;
    assert_eq!(replaced.location(), "/integrations?notice=token-replaced");
    assert!(
        house
            .fakes
            .was_asked("replace_token(dG9rOmNhbmFyeQ==) as admin")
    );
    for (reason, message, words) in [
        (
            "WORKSPACE_DIFFERS",
            "this connection belongs to workspace nw7x2k1p, and Intercom gave access to workspace ab12cd34",
            vec!["nw7x2k1p", "ab12cd34", "connect it as another one"],
        ),
        ("NOT_BY_TOKEN", "", vec!["no token to replace"]),
        ("STILL_ERASING", "", vec!["is being erased"]),
        (
            "TOKEN_REFUSED",
            "",
            vec!["Intercom refused the token", "paste it again"],
        ),
    ] {
        house.fakes.held().mishap = Some(status::failed_precondition(reason, message));
        let refused = admin.submit(&page("token"), &form).await;
        assert_eq!(refused.status, 200, "{reason}");
        for part in words {
            assert!(refused.text.contains(part), "{part} for {reason}");
        }
        assert!(!refused.text.contains("dG9rOmNhbmFyeQ"));
    }
}

#[tokio::test]
async fn the_terms_are_chosen_before_anything_is_read() {
    let house = House::open().await;
    let mut owner = house.signed_in(Role::Owner);
    let page = owner.get("/integrations").await.text;
    for part in [
        "value=\"full\" checked",
        "value=\"metadata_only\"",
        "value=\"retain\" checked",
        "Never collected",
        "Text of messages, notes, subjects or titles",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let terms = [("data_policy", "metadata_only"), ("on_disconnect", "purge")];
    owner.submit("/integrations/intercom/connect", &terms).await;
    assert!(
        house
            .fakes
            .was_asked("begin_oauth(MetadataOnly,Purge,) as owner")
    );
    let token = [("access_token", "t"), ("action", "save")];
    let form = [token, terms].concat();
    owner.submit("/integrations/intercom/token", &form).await;
    assert!(
        house
            .fakes
            .was_asked("connect_with_token(t,MetadataOnly,Purge) as owner")
    );
    let id = connection_id().to_string();
    let again = [("connection_id", id.as_str())];
    owner.submit("/integrations/intercom/connect", &again).await;
    let asked = format!("begin_oauth(Full,Retain,{id}) as owner");
    assert!(
        house.fakes.was_asked(&asked),
        "another workspace is refused"
    );
    let wrong = [("data_policy", "everything")];
    let refused = owner.submit("/integrations/intercom/connect", &wrong).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn programs_see_what_a_connection_is_doing_and_end_it() {
    let house = House::open().await;
    house.fakes.connected();
    let mut key = house.browser().with_key("hk_admin");
    let list = key.get("/api/v1/connections").await.json();
    assert_eq!(list["connections"][0]["state"], "connected");
    assert_eq!(list["connections"][0]["status"], "connecting");
    house
        .fakes
        .ran(harken_contracts::wire::sync::v1::RunState::Complete);
    house.fakes.held().mirror.status.missing_permissions = vec!["Read tags".to_owned()];
    let one = format!("/api/v1/connections/{}", connection_id());
    let told = key.get(&one).await.json();
    assert_eq!(told["status"], "degraded");
    assert_eq!(told["troubles"][0]["reason"], "permission_missing");
    assert!(
        told["troubles"][0]["what"]
            .as_str()
            .unwrap()
            .contains("Read tags")
    );
    let sent = json!({"access_token": "t2"});
    let replaced = key.post_json(&format!("{one}/token"), &sent).await;
    assert_eq!(replaced.status, 200);
    let wrong = json!({"workspace_name": "?"});
    let refused = key.post_json(&format!("{one}/remove-data"), &wrong).await;
    assert_eq!(
        (refused.status, refused.json()["reason"].as_str()),
        (409, Some("NAME_DIFFERS"))
    );
    let right = json!({"workspace_name": "Northwind <Support>"});
    let removing = key.post_json(&format!("{one}/remove-data"), &right).await;
    assert_eq!(
        (removing.status, removing.json()["status"].as_str()),
        (202, Some("disconnecting"))
    );
}
