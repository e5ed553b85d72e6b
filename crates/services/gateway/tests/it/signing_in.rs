use harken_domain::Role;

use crate::fakes::LINK;
use crate::house::House;

/// Pages of the console that show something of the organization.
const PAGES: [&str; 8] = [
    "/",
    "/customers?q=a",
    "/integrations",
    "/integrations/intercom/token",
    "/settings/api-keys",
    "/settings/members",
    "/help",
    "/oauth/intercom/callback?code=c&state=s",
];

#[tokio::test]
async fn no_page_shows_itself_to_strangers() {
    let house = House::open().await;
    for path in PAGES {
        let answer = house.browser().get(path).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, "/sign-in"),
            "{path}"
        );
    }
    assert!(house.fakes.held().asked.is_empty());
}

#[tokio::test]
async fn a_link_signs_in_once_and_leads_back_to_where_one_wanted_to_go() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.get("/customers?level=critical").await;
    let answer = browser.navigate(&format!("/sign-in/{LINK}")).await;
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/customers?level=critical")
    );
    assert_eq!(browser.get("/").await.status, 200);

    let again = house.browser().navigate(&format!("/sign-in/{LINK}")).await;
    assert_eq!(again.status, 410);
    assert!(
        again.text.contains("does not work any more"),
        "{}",
        again.text
    );
}

#[tokio::test]
async fn what_merely_looks_at_a_link_does_not_use_it_up() {
    let house = House::open().await;
    let path = format!("/sign-in/{LINK}");
    let looked = house.browser().get(&path).await;
    assert_eq!(looked.status, 200);
    assert!(!house.fakes.was_asked("redeem"));

    let mut browser = house.browser();
    let pressed = browser.post(&path, &[]).await;
    assert_eq!((pressed.status, pressed.location()), (303, "/"));
    assert!(browser.has("harken_session"));
}

#[tokio::test]
async fn a_remembered_page_never_leads_to_another_site() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.keep("harken_return_to", &hex::encode("//evil.example/"));
    let answer = browser.navigate(&format!("/sign-in/{LINK}")).await;
    assert_eq!(answer.location(), "/");
}

#[tokio::test]
async fn who_guesses_links_is_held_back() {
    let house = House::open().await;
    let mut browser = house.browser();
    let mut last = 0;
    for guess in 0..25 {
        last = browser
            .post(&format!("/sign-in/guess-0123456789-{guess}"), &[])
            .await
            .status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Viewer);
    let answer = browser.submit("/sign-out", &[]).await;
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/sign-in?signed_out=1")
    );
    assert!(!browser.has("harken_session"));
    assert!(house.fakes.held().sessions.is_empty());
}

#[tokio::test]
async fn a_session_that_has_ended_is_taken_from_the_browser() {
    let house = House::open().await;
    let mut browser = house.browser();
    browser.keep("harken_session", "ended");
    assert_eq!(browser.get("/").await.location(), "/sign-in");
    assert!(!browser.has("harken_session"));
}
