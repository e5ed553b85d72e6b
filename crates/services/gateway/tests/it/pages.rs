use harken_contracts::wire::sync::v1::RunState;
use harken_domain::{CustomerId, Role};

use crate::fakes::{connection_id, conversation_id, customer_id, run_id};
use crate::house::House;

#[tokio::test]
async fn each_page_shows_what_it_is_for() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::CompleteWithGaps);
    let mut browser = house.signed_in(Role::Owner);
    let (connection, customer) = (connection_id(), customer_id());
    for (path, parts) in [
        (
            "/".to_owned(),
            vec![
                "1 customer is critical",
                "Miles O&#39;Brien &#60;script&#62;",
                "Open conversations −21.3",
            ],
        ),
        (
            "/customers".to_owned(),
            vec!["1 of 2 customers", "/customers?after=next", "Critical"],
        ),
        (
            format!("/customers/{customer}"),
            vec![
                "Critical at 14.",
                "4 conversations are open.",
                "−21.3",
                "Invoice is wrong",
            ],
        ),
        (
            format!("/conversations/{}", conversation_id()),
            vec!["Internal note", "do not tell them"],
        ),
        (
            "/integrations".to_owned(),
            vec!["Connected", "Complete with 1 gap", "Disconnect…"],
        ),
        (
            format!("/integrations/{connection}/runs"),
            vec!["Sync history", "Complete with 1 gap"],
        ),
        (
            format!("/integrations/{connection}/disconnect"),
            vec!["500 customers", "stay and are no longer updated"],
        ),
        (
            format!("/runs/{}", run_id()),
            vec![
                "Intercom answered 500 five times.",
                "Intercom asked to slow down.",
            ],
        ),
        (
            "/settings/members".to_owned(),
            vec!["ada@northwind.example"],
        ),
        ("/help".to_owned(), vec!["Keyboard shortcuts"]),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        for part in parts {
            assert!(page.text.contains(part), "{part:?} on {path}");
        }
        assert!(
            page.text.contains("1 record could not be read"),
            "the banner is on {path}"
        );
        assert!(!page.text.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn the_banner_tells_how_a_run_ended_until_it_is_dismissed() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    let mut browser = house.signed_in(Role::Viewer);
    assert!(
        browser
            .get("/")
            .await
            .text
            .contains("Sync complete — 500 contacts imported.")
    );
    let run = run_id().to_string();
    browser
        .submit("/banner/dismiss", &[("run", &run), ("return_to", "/")])
        .await;
    assert!(!browser.get("/").await.text.contains("Sync complete"));

    house.fakes.ran(RunState::Failed);
    let mut other = house.signed_in(Role::Owner);
    assert!(
        other
            .get("/")
            .await
            .text
            .contains("Intercom refused the token.")
    );
}

#[tokio::test]
async fn a_page_stands_while_scoring_is_away() {
    let house = House::open().await;
    house.fakes.held().scoring_is_away = true;
    let page = house
        .signed_in(Role::Viewer)
        .get(&format!("/customers/{}", customer_id()))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("The score cannot be read right now."));
}

#[tokio::test]
async fn what_belongs_to_others_or_is_nothing_is_not_found_with_a_way_on() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Owner);
    let foreign = CustomerId::derive(&[b"another organization"]);
    for path in [
        format!("/customers/{foreign}"),
        "/customers/cus_1".to_owned(),
        "/customers/..%2f..%2fetc".to_owned(),
        "/runs/con_00000000000000000000000000000000".to_owned(),
        "/nowhere".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text.contains("Request id to quote"), "{path}");
        assert!(answer.text.starts_with("<!doctype html>"), "{path}");
    }
}

#[tokio::test]
async fn filters_that_are_not_known_are_refused_by_name() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Viewer);
    for (path, field) in [
        ("/customers?level=angry", "level"),
        ("/customers?sort=mood", "sort"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains(field));
    }
    let found = browser
        .get("/customers?q=o%27brien&level=critical")
        .await
        .text;
    assert!(
        found.contains("value=\"o&#39;brien\""),
        "the search stays in its field"
    );
    assert!(house.fakes.was_asked("list_scores(o'brien,1,)"));
}

#[tokio::test]
async fn browsers_are_kept_from_what_pages_never_ask_for() {
    let house = House::open().await;
    for path in ["/sign-in", "/nowhere", "/api/v1/connections"] {
        let answer = house.browser().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("x-request-id").starts_with("req_"));
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_pages_travel_compressed() {
    let house = House::open().await;
    let mut browser = house.browser();
    let page = browser.get("/sign-in").await.text;
    let style = page
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let asset = browser.get(style).await;
    assert_eq!(
        asset.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let request = browser
        .request(reqwest::Method::GET, style)
        .header("accept-encoding", "gzip");
    assert_eq!(
        request.send().await.unwrap().headers()["content-encoding"],
        "gzip"
    );
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let house = House::open().await;
    let large = "x".repeat(300_000);
    let answer = house
        .signed_in(Role::Owner)
        .post("/settings/api-keys", &[("name", &large)])
        .await;
    assert_eq!(answer.status, 413);
}
