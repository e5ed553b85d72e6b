//! From a sign-in link to scores that explain themselves.

use harken_contracts::wire::scoring::v1::CountLevelsRequest;
use reqwest::StatusCode;

use crate::browser::Browser;
use crate::client::Client;
use crate::house::House;
use crate::patience::eventually;
use crate::truth;

/// Follows the sign-in link and lets the console lead through Intercom's consent.
pub(crate) async fn connect(house: &House) -> Browser {
    let mut browser = Browser::new();
    browser.open(&house.ready().sign_in).await;
    browser.submit("/sign-in/", &[]).await;
    assert_eq!(browser.page.status, StatusCode::OK, "{}", browser.page.text);
    browser.open("/integrations").await;
    let consent = browser.submit("/integrations/intercom/connect", &[]).await;
    let simulator = house.ready().simulator.clone().unwrap();
    assert!(
        consent.address.as_str().starts_with(&simulator),
        "{consent:?}"
    );
    let back = browser
        .submit("/oauth", &[("workspace", "demo"), ("decision", "allow")])
        .await;
    assert!(
        back.address.as_str().starts_with(&house.ready().console),
        "{back:?}"
    );
    assert_eq!(back.status, StatusCode::OK, "{}", back.text);
    browser
}

#[tokio::test]
async fn a_person_connects_a_workspace_and_sees_every_customer_scored() {
    let mut house = House::open(&["--contacts", "100", "--conversations", "400"]).await;
    let mut browser = connect(&house).await;
    assert!(
        browser.page.text.contains("Connected"),
        "{}",
        browser.page.text
    );

    let client = Client::of(&house);
    let connection = client.connection().await;
    client.whole_run(&connection.connection_id).await;
    browser.open("/integrations").await;
    assert!(
        browser.page.text.contains("Sync complete"),
        "{}",
        browser.page.text
    );

    truth::is_mirrored(&house, &client).await;
    let counts = eventually("all levels have customers", || async {
        let request = CountLevelsRequest {
            connection_id: connection.connection_id.clone(),
        };
        let counts = client
            .scoring()
            .count_levels(request)
            .await
            .ok()?
            .into_inner();
        let all = [
            counts.healthy,
            counts.at_risk,
            counts.critical,
            counts.not_applicable,
        ];
        all.iter().all(|count| *count > 0).then_some(counts)
    })
    .await;
    let customers = counts.healthy + counts.at_risk + counts.critical + counts.not_applicable;
    assert!(customers > 0, "{counts:?}");
    house.stop().await;
}
