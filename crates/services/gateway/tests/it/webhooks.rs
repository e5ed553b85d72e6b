//! How notifications arrive, in the console and over JSON.

use harken_contracts::convert::timestamp;
use harken_contracts::wire::ingress::v1::{Deliveries, RefusalReason};
use harken_contracts::wire::vault::v1::{ConnectionMethod, WebhookSecret};
use harken_domain::Role;
use serde_json::json;

use crate::fakes::{connection, connection_id};
use crate::house::House;

const ENDPOINT: &str = "https://hooks.test/api/v1/webhooks/intercom";

async fn house() -> House {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().deliveries = Some(Deliveries {
        endpoint_url: ENDPOINT.to_owned(),
        ..Deliveries::default()
    });
    house
}

fn path() -> String {
    format!("/settings/integrations/{}", connection_id())
}

#[tokio::test]
async fn the_page_tells_what_to_paste_and_what_to_subscribe_to() {
    let house = house().await;
    let page = house.signed_in(Role::Viewer).get(&path()).await.text;
    for part in [
        ENDPOINT,
        "Not heard from Intercom yet",
        "conversation.user.replied",
        "data-copy=\"conversation.user.replied\"",
        "1 other topics",
        "None is set",
        "brand.new.topic",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("name=\"secret\""), "viewers set nothing");
    assert!(!page.contains(" style=") && !page.contains("<script>"));
}

#[tokio::test]
async fn a_wrong_secret_is_named_as_the_last_failure() {
    let house = house().await;
    let now = house.fakes.clock.now();
    if let Some(deliveries) = &mut house.fakes.held().deliveries {
        deliveries.last_failure_at = Some(timestamp(now));
        deliveries.last_failure_reason = RefusalReason::Signature.into();
    }
    let page = house.signed_in(Role::Viewer).get(&path()).await.text;
    assert!(page.contains("Last failure: signature"), "{page}");
    let told = house
        .browser()
        .with_key("hk_viewer")
        .get(&format!(
            "/api/v1/connections/{}/deliveries",
            connection_id()
        ))
        .await
        .json();
    assert_eq!(told["last_failure_reason"], "signature");
}

#[tokio::test]
async fn an_edge_that_is_away_leaves_the_rest_standing() {
    let house = house().await;
    house.fakes.held().deliveries = None;
    let page = house.signed_in(Role::Admin).get(&path()).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("cannot be read right now"));
    assert!(page.text.contains("conversation.user.replied"));
    assert!(page.text.contains("name=\"secret\""));
    let api = format!("/api/v1/connections/{}/deliveries", connection_id());
    let told = house.browser().with_key("hk_viewer").get(&api).await;
    assert_eq!(told.status, 503);
}

#[tokio::test]
async fn a_secret_is_set_by_an_admin_and_never_shown_again() {
    let house = house().await;
    let form = [("secret", "the-client-secret"), ("grace_secs", "3600")];
    let set = format!("{}/webhook-secret", path());
    let refused = house.signed_in(Role::Member).submit(&set, &form).await;
    assert_eq!(refused.status, 403);
    assert!(!house.fakes.was_asked("set_webhook_secret"));

    let mut admin = house.signed_in(Role::Admin);
    let answer = admin.submit(&set, &form).await;
    assert_eq!(answer.location(), format!("{}?notice=secret-set", path()));
    assert!(
        house
            .fakes
            .was_asked("set_webhook_secret(the-client-secret,Some(3600)) as admin")
    );
    let page = admin.get(&path()).await.text;
    assert!(page.contains("A secret is set") && !page.contains("the-client-secret"));

    let short = admin.submit(&set, &[("secret", "short")]).await;
    assert_eq!(short.status, 200);
    assert!(short.text.contains("is too short") && !short.text.contains("value=\"short\""));
}

#[tokio::test]
async fn the_old_secret_is_retired_with_its_last_use_in_sight() {
    let house = house().await;
    let now = house.fakes.clock.now();
    house.fakes.held().webhook_secret = WebhookSecret {
        is_set: true,
        previous_valid_until: Some(timestamp(now + chrono::TimeDelta::hours(5))),
        ..WebhookSecret::default()
    };
    if let Some(deliveries) = &mut house.fakes.held().deliveries {
        deliveries.old_secret_last_used_at = Some(timestamp(now - chrono::TimeDelta::minutes(7)));
    }
    let mut admin = house.signed_in(Role::Admin);
    let page = admin.get(&path()).await.text;
    assert!(page.contains("It last verified a notification"), "{page}");
    assert!(page.contains("7 min ago"));
    let answer = admin
        .submit(&format!("{}/webhook-secret/retire", path()), &[])
        .await;
    assert_eq!(
        answer.location(),
        format!("{}?notice=secret-retired", path())
    );
    assert!(
        !admin
            .get(&path())
            .await
            .text
            .contains("End the old one now")
    );
}

#[tokio::test]
async fn programs_set_the_secret_too() {
    let house = house().await;
    let api = format!("/api/v1/connections/{}/webhook-secret", connection_id());
    let mut admin = house.browser().with_key("hk_admin");
    assert_eq!(admin.get(&api).await.json()["is_set"], false);
    let request = admin.request(reqwest::Method::PUT, &api);
    let set = admin
        .send(request.json(&json!({"secret": "the-client-secret"})))
        .await;
    assert_eq!(set.json()["is_set"], true);
    assert!(!set.text.contains("the-client-secret"));
    let viewer = house.browser().with_key("hk_viewer");
    let request = viewer.request(reqwest::Method::PUT, &api);
    let refused = house
        .browser()
        .send(request.json(&json!({"secret": "another-secret"})))
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_drill_counts_nowhere() {
    let house = House::open().await;
    let mut drill = connection();
    drill.method = ConnectionMethod::Synthetic.into();
    drill.workspace_name = "Friday drill".to_owned();
    house.fakes.held().connections = vec![drill];
    let mut viewer = house.signed_in(Role::Viewer);
    let overview = viewer.get("/").await.text;
    assert!(overview.contains("Not connected"), "{overview}");
    assert!(!overview.contains("Friday drill"));
    let integrations = viewer.get("/integrations").await.text;
    assert!(integrations.contains("Friday drill") && integrations.contains("Drill</span>"));
    assert!(integrations.contains("Not connected"));
}
