//! A person in a real browser: from the sign-in link to customers with scores, at a desk, on a phone, by night and by keyboard.

use serde_json::Value;

use crate::house::House;
use harken_testkit::chromium::{Chromium, DESK, DESK_AT_NIGHT, PHONE, Screen};

const PAGES: [(&str, &str); 6] = [
    ("overview", "/"),
    ("integrations", "/integrations"),
    ("customers", "/customers"),
    ("customers-critical", "/customers?level=critical"),
    ("members", "/settings/members"),
    ("api-keys", "/settings/api-keys"),
];

#[tokio::test]
async fn a_person_connects_intercom_in_a_real_browser_and_watches_scores_arrive() {
    let mut house = House::open(&["--rate-per-minute", "10000"]).await;
    let browser = Chromium::open().await;
    browser.look_through(DESK).await;
    browser.go(&house.ready().sign_in).await;
    browser.picture("sign-in").await;
    sign_in(&browser).await;

    browser.go("/integrations").await;
    browser.picture("integrations-before").await;
    browser
        .press("form[action$='/intercom/connect'] button")
        .await;
    browser.wait_for("[name=decision][value=allow]").await;
    browser.picture("consent").await;
    browser.press("[name=decision][value=cancel]").await;
    browser
        .wait_for_words("You pressed Cancel in Intercom")
        .await;
    browser.picture("oauth-cancelled").await;

    browser.go("/integrations").await;
    browser
        .press("form[action$='/intercom/connect'] button")
        .await;
    browser.press("[name=workspace][value=demo]").await;
    browser.press("[name=decision][value=allow]").await;
    browser.wait_for_words("Connected").await;
    browser.wait_for_words("Syncing Intercom data…").await;
    browser.picture("integrations-syncing").await;
    browser
        .wait_for_words("Sync complete — 470 contacts imported.")
        .await;
    browser.picture("integrations-complete").await;

    every_level_is_there(&browser).await;
    a_customer_explains_itself(&browser).await;
    for (screen, name) in [(DESK, "desk"), (PHONE, "phone"), (DESK_AT_NIGHT, "night")] {
        every_page_fits(&browser, screen, name).await;
    }
    a_keyboard_is_enough(&browser).await;
    browser.close().await;
    house.stop().await;
}

async fn sign_in(browser: &Chromium) {
    if browser.path().await.starts_with("/sign-in/") {
        browser.press("form[action^='/sign-in/'] button").await;
    }
    browser.wait_for("nav").await;
}

async fn every_level_is_there(browser: &Chromium) {
    for (level, word) in [
        ("healthy", "Healthy"),
        ("at_risk", "At risk"),
        ("critical", "Critical"),
        ("na", "N/A"),
    ] {
        browser.go(&format!("/customers?level={level}")).await;
        browser.wait_for("tr[data-row]").await;
        let words = browser
            .run("return document.querySelector('tr[data-row]').innerText")
            .await;
        assert!(words.as_str().unwrap().contains(word), "{level}: {words}");
    }
}

async fn a_customer_explains_itself(browser: &Chromium) {
    browser.go("/customers?level=critical").await;
    browser.press("tr[data-row] a").await;
    browser.wait_for(".factors tbody tr").await;
    let factors = browser
        .run("return document.querySelectorAll('.factors tbody tr').length")
        .await;
    assert_eq!(factors, Value::from(5));
    browser.picture("customer").await;
    browser.look_through(PHONE).await;
    browser.picture("customer-phone").await;
    assert!(browser.overflow().await <= 0);
    browser.look_through(DESK_AT_NIGHT).await;
    browser.picture("customer-night").await;
    browser.look_through(DESK).await;
    browser
        .press("section[aria-labelledby=conversations-title] tr[data-row] a")
        .await;
    browser.wait_for("h1").await;
    browser.picture("conversation").await;
}

async fn every_page_fits(browser: &Chromium, screen: Screen, name: &str) {
    browser.look_through(screen).await;
    for (page, path) in PAGES {
        browser.go(path).await;
        browser.wait_for("main h1").await;
        browser.picture(&format!("{page}-{name}")).await;
        assert!(
            browser.overflow().await <= 0,
            "{page} is wider than a {name}"
        );
    }
}

async fn a_keyboard_is_enough(browser: &Chromium) {
    browser.look_through(DESK).await;
    browser.go("/customers").await;
    browser.wait_for("tr[data-row]").await;
    browser.type_keys("j").await;
    browser.type_keys("\u{e007}").await;
    browser.wait_for(".factors, #health").await;
    assert!(browser.path().await.starts_with("/customers/cus_"));
    browser.type_keys("/").await;
    let focused = browser.run("return document.activeElement.id").await;
    assert_eq!(focused, Value::from("search"));
}
