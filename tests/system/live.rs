//! Two windows side by side: somebody plays an angry customer in Intercom's inbox, and Harken's page moves without reload.

use harken_contracts::wire::directory::v1::{Conversation, ListConversationsRequest};
use harken_contracts::wire::events::v1::ConversationStatus;
use harken_contracts::wire::scoring::v1::{GetScoreRequest, LevelFilter, ListScoresRequest};

use crate::client::Client;
use crate::house::House;
use crate::patience::eventually;
use harken_testkit::chromium::{Chromium, DESK, DESK_AT_NIGHT, PHONE};

#[tokio::test]
async fn an_angry_customer_in_one_window_moves_the_score_in_the_other() {
    let mut house = House::open(&[]).await;
    let client = Client::of(&house);
    let harken = Chromium::open().await;
    harken.look_through(DESK).await;
    sign_in_and_connect(&harken, &house).await;
    harken
        .wait_for_words("Sync complete — 470 contacts imported.")
        .await;
    let (customer_id, conversation) = content_customer(&client).await;

    let intercom = Chromium::open().await;
    intercom.look_through(DESK).await;
    let simulator = house.ready().simulator.clone().unwrap();
    intercom
        .go(&format!(
            "{simulator}/inbox/demo/{}",
            conversation.external_id
        ))
        .await;
    harken.go(&format!("/customers/{customer_id}")).await;
    harken.wait_for("#health").await;
    harken.run("window.untouched = true").await;
    harken.picture("live-before").await;
    let before = points(&client, &customer_id).await;

    intercom.press("button[name=act][value=angry]").await;
    let reopened = moved(&client, &customer_id, before).await;
    assert!(reopened < before, "{before} to {reopened}");
    the_page_says(&harken, reopened).await;
    harken.wait_for_words("reopened").await;
    harken.picture("live-reopened").await;
    intercom.picture("inbox-angry").await;

    intercom.press("button[name=act][value=close]").await;
    let closed = moved(&client, &customer_id, reopened).await;
    the_page_says(&harken, closed).await;
    harken.wait_for_words("closed").await;
    harken.picture("live-closed").await;

    let untouched = harken.run("return window.untouched === true").await;
    assert_eq!(
        untouched,
        serde_json::Value::Bool(true),
        "the page was reloaded"
    );
    let connection = client.connection().await.connection_id;
    everything_is_told(&harken, &intercom, &simulator, &connection).await;
    harken.close().await;
    intercom.close().await;
    house.stop().await;
}

async fn sign_in_and_connect(harken: &Chromium, house: &House) {
    harken.go(&house.ready().sign_in).await;
    if harken.path().await.starts_with("/sign-in/") {
        harken.press("form[action^='/sign-in/'] button").await;
    }
    harken.wait_for("nav").await;
    harken.go("/integrations").await;
    harken
        .press("form[action$='/intercom/connect'] button")
        .await;
    harken.press("[name=workspace][value=demo]").await;
    harken.press("[name=decision][value=allow]").await;
}

/// Somebody who is well, with a conversation that is done.
async fn content_customer(client: &Client) -> (String, Conversation) {
    let request = ListScoresRequest {
        levels: vec![LevelFilter::Healthy.into()],
        ..ListScoresRequest::default()
    };
    let healthy = client.scoring().list_scores(request).await.unwrap();
    for score in healthy.into_inner().scores {
        let request = ListConversationsRequest {
            customer_id: score.customer_id.clone(),
            status: ConversationStatus::Closed.into(),
            ..ListConversationsRequest::default()
        };
        let closed = client.directory().list_conversations(request).await;
        if let Some(conversation) = closed.unwrap().into_inner().conversations.pop() {
            return (score.customer_id, conversation);
        }
    }
    panic!("nobody is well with a conversation that is done");
}

async fn points(client: &Client, customer_id: &str) -> u32 {
    let request = GetScoreRequest {
        customer_id: customer_id.to_owned(),
    };
    let score = client.scoring().get_score(request).await.unwrap();
    score.into_inner().points.unwrap()
}

/// The score once it is another than `before`.
async fn moved(client: &Client, customer_id: &str, before: u32) -> u32 {
    eventually("the score moves", || async {
        let now = points(client, customer_id).await;
        (now != before).then_some(now)
    })
    .await
}

async fn the_page_says(harken: &Chromium, points: u32) {
    eventually(&format!("the page shows {points}"), || async {
        let ring = harken
            .run("return document.querySelector('#health .ring .number').textContent")
            .await;
        (ring.as_str()? == points.to_string()).then_some(())
    })
    .await;
}

/// The feed tells both, and every new page fits a desk, a phone and the night.
async fn everything_is_told(
    harken: &Chromium,
    intercom: &Chromium,
    simulator: &str,
    connection: &str,
) {
    harken.go("/activity").await;
    harken.wait_for_words("reopened").await;
    let webhooks = format!("/settings/integrations/{connection}");
    let pages = [
        ("activity", "/activity"),
        ("dead-letters", "/settings/dead-letters"),
        ("webhooks", webhooks.as_str()),
    ];
    for (screen, name) in [(DESK, "desk"), (PHONE, "phone"), (DESK_AT_NIGHT, "night")] {
        harken.look_through(screen).await;
        for (page, path) in pages {
            harken.go(path).await;
            harken.wait_for("main h1").await;
            harken.picture(&format!("{page}-{name}")).await;
            assert!(
                harken.overflow().await <= 0,
                "{page} is wider than a {name}"
            );
        }
        intercom.look_through(screen).await;
        intercom.go(&format!("{simulator}/inbox/demo")).await;
        intercom.wait_for("a").await;
        intercom.picture(&format!("inbox-{name}")).await;
        assert!(
            intercom.overflow().await <= 0,
            "the inbox is wider than a {name}"
        );
    }
}
