use harken_contracts::wire::sync::v1::RunState;
use harken_domain::Role;
use harken_runtime::status;

use crate::house::House;

const CALLBACK: &str = "/oauth/intercom/callback";

#[tokio::test]
async fn connect_leads_to_intercom_in_the_same_window_and_back_to_a_green_badge() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Owner);
    let answer = browser.submit("/integrations/intercom/connect", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.location(),
        "https://app.intercom.com/oauth?client_id=c&state=s"
    );
    // Browsers hold a form's redirects against this.
    assert!(
        answer
            .header("content-security-policy")
            .contains("form-action 'self' https://app.intercom.com")
    );

    let back = browser
        .get(&format!("{CALLBACK}?code=abc%3D%3D&state=s"))
        .await;
    assert_eq!(back.location(), "/integrations?notice=connected");
    assert!(
        house.fakes.was_asked("complete_oauth(abc==,s) as owner"),
        "the code arrives unchanged"
    );

    house.fakes.ran(RunState::Running);
    let page = browser.get(back.location()).await.text;
    for part in [
        "Connected",
        "Ada Lovelace",
        "nw7x2k1p",
        "Northwind &#60;Support&#62;",
        "Syncing Intercom data…",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[tokio::test]
async fn each_failure_says_what_happened_why_and_what_to_do() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Owner);
    let elsewhere = "workspace nw7x2k1p is connected to another organization";
    for (reason, message, what, remedy) in [
        ("OAUTH_CANCELLED", "", "You pressed Cancel", "press Allow"),
        (
            "OAUTH_WRONG_CLIENT",
            "",
            "does not know this installation",
            "HARKEN_INTERCOM_CLIENT_ID",
        ),
        (
            "OAUTH_REDIRECT_MISMATCH",
            "",
            "does not accept the way back",
            "/oauth/intercom/callback",
        ),
        ("OAUTH_STATE_EXPIRED", "", "took too long", "Start again"),
        (
            "OAUTH_STATE_UNKNOWN",
            "",
            "not good any more",
            "in this browser",
        ),
        (
            "OAUTH_CODE_REFUSED",
            "",
            "did not hand over access",
            "Start again",
        ),
        (
            "ALREADY_CONNECTED",
            "it is",
            "already connected",
            "nothing to do",
        ),
        (
            "WORKSPACE_OF_ANOTHER_ORGANIZATION",
            elsewhere,
            "orkspace nw7x2k1p",
            "another workspace",
        ),
        (
            "INTERCOM_UNREACHABLE",
            "",
            "cannot be reached",
            "intercomstatus.com",
        ),
    ] {
        house.fakes.held().mishap = Some(status::failed_precondition(reason, message));
        let answer = browser.get(&format!("{CALLBACK}?code=c&state=s")).await;
        assert_eq!(answer.status, 409, "{reason}");
        for part in [what, remedy, "Request id to quote", "/integrations"] {
            assert!(
                answer.text.contains(part),
                "{part} for {reason} in {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_failure_that_is_ours_tells_nothing_of_our_insides() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Owner);
    house.fakes.held().mishap = Some(tonic::Status::internal("client_secret=hunter2"));
    let answer = browser.get(&format!("{CALLBACK}?code=c&state=s")).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text.contains("hunter2"));
    let id = answer.header("x-request-id");
    assert!(answer.text.contains(id), "the request id can be quoted");
}

#[tokio::test]
async fn a_token_connects_and_is_never_shown_again() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Owner);
    let path = "/integrations/intercom/token";
    let tested = browser
        .submit(
            path,
            &[("access_token", "dG9rOmNhbmFyeQ=="), ("action", "test")],
        )
        .await;
    assert!(
        tested.text.contains("Every needed permission was proved"),
        "{}",
        tested.text
    );
    assert!(!tested.text.contains("dG9rOmNhbmFyeQ"));

    let saved = browser
        .submit(
            path,
            &[("access_token", " dG9rOmNhbmFyeQ== "), ("action", "save")],
        )
        .await;
    assert_eq!(saved.location(), "/integrations?notice=connected");
    assert!(
        house
            .fakes
            .was_asked("connect_with_token(dG9rOmNhbmFyeQ==,Full,Retain) as owner")
    );
}

#[tokio::test]
async fn a_token_without_permission_is_told_which() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Owner);
    house.fakes.held().mishap = Some(status::failed_precondition(
        "PERMISSION_MISSING",
        "1 permission is missing",
    ));
    let answer = browser
        .submit(
            "/integrations/intercom/token",
            &[("access_token", "t"), ("action", "save")],
        )
        .await;
    for part in [
        "lacks a permission",
        "Read conversations",
        "Tick Read conversations.",
        "req-of-intercom",
    ] {
        assert!(answer.text.contains(part), "{part}");
    }
}
