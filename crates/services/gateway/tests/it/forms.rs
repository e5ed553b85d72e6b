use harken_domain::Role;

use crate::fakes::{connection_id, run_id};
use crate::house::House;

/// Every form that changes something, with fields that would do.
fn forms() -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let connection = connection_id();
    vec![
        ("/sign-out".to_owned(), vec![]),
        ("/integrations/intercom/connect".to_owned(), vec![]),
        (
            "/integrations/intercom/token".to_owned(),
            vec![("access_token", "t"), ("action", "save")],
        ),
        (format!("/integrations/{connection}/test"), vec![]),
        (format!("/integrations/{connection}/runs"), vec![]),
        (format!("/integrations/{connection}/pause"), vec![]),
        (format!("/integrations/{connection}/resume"), vec![]),
        (
            format!("/integrations/{connection}/settings"),
            vec![("interval_minutes", "15"), ("backfill_days", "90")],
        ),
        (
            format!("/integrations/{connection}/token"),
            vec![("access_token", "t"), ("action", "save")],
        ),
        (format!("/integrations/{connection}/disconnect"), vec![]),
        (
            format!("/integrations/{connection}/remove-data"),
            vec![("workspace_name", "Northwind <Support>")],
        ),
        (
            "/settings/api-keys".to_owned(),
            vec![("name", "n"), ("role", "viewer")],
        ),
        (
            format!("/settings/integrations/{connection}/webhook-secret"),
            vec![("secret", "s")],
        ),
        (
            format!("/settings/integrations/{connection}/webhook-secret/retire"),
            vec![],
        ),
        (
            "/settings/dead-letters/replay".to_owned(),
            vec![("ids", "1"), ("until", "2026-11-20T12:00:00Z")],
        ),
        (
            "/settings/dead-letters/drop".to_owned(),
            vec![("ids", "1"), ("until", "2026-11-20T12:00:00Z")],
        ),
        (
            "/banner/dismiss".to_owned(),
            vec![("run", "run_1"), ("return_to", "/")],
        ),
    ]
}

#[tokio::test]
async fn no_form_is_taken_without_the_token_of_this_session() {
    let house = House::open().await;
    let mut owner = house.signed_in(Role::Owner);
    let foreign = house.signed_in(Role::Member).form_token().await;
    for (path, fields) in forms() {
        for token in [
            None,
            Some(""),
            Some("0123456789abcdef"),
            Some(foreign.as_str()),
        ] {
            let fields: Vec<_> = fields
                .iter()
                .copied()
                .chain(token.map(|token| ("form_token", token)))
                .collect();
            let answer = owner.post(&path, &fields).await;
            assert_eq!(answer.status, 403, "{path} {token:?}");
            assert!(answer.text.contains("This form has lapsed"));
        }
    }
    assert!(house.fakes.held().asked.is_empty());
}

#[tokio::test]
async fn no_form_is_taken_from_strangers() {
    let house = House::open().await;
    for (path, fields) in forms() {
        let answer = house.browser().post(&path, &fields).await;
        assert_eq!(
            (answer.status, answer.location()),
            (303, "/sign-in"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn only_admins_and_owners_manage_integrations_and_keys() {
    let house = House::open().await;
    house.fakes.connected();
    let connection = connection_id();
    let managed = [
        ("/integrations/intercom/connect".to_owned(), vec![]),
        (
            "/integrations/intercom/token".to_owned(),
            vec![("access_token", "t"), ("action", "save")],
        ),
        (format!("/integrations/{connection}/test"), vec![]),
        (format!("/integrations/{connection}/disconnect"), vec![]),
        (
            "/settings/api-keys".to_owned(),
            vec![("name", "n"), ("role", "viewer")],
        ),
        (
            format!("/integrations/{connection}/settings"),
            vec![("interval_minutes", "15"), ("backfill_days", "90")],
        ),
        (
            format!("/integrations/{connection}/token"),
            vec![("access_token", "t"), ("action", "save")],
        ),
        (
            format!("/integrations/{connection}/remove-data"),
            vec![("workspace_name", "Northwind <Support>")],
        ),
    ];
    for role in [Role::Viewer, Role::Member] {
        let mut browser = house.signed_in(role);
        for (path, fields) in &managed {
            let answer = browser.submit(path, fields).await;
            assert_eq!(answer.status, 403, "{path} as {role}");
            assert!(
                answer.text.contains(&format!("yours is {role}")),
                "{}",
                answer.text
            );
        }
        let page = browser.get("/integrations").await.text;
        assert!(
            page.contains("Only an admin or owner"),
            "{role} is told why"
        );
        assert!(
            !page.contains("/disconnect"),
            "{role} is offered nothing that fails"
        );
    }
    assert!(house.fakes.held().asked.is_empty());

    let mut admin = house.signed_in(Role::Admin);
    assert_eq!(admin.submit(&managed[3].0, &[]).await.status, 303);
    assert!(house.fakes.was_asked("disconnect as admin"));
    // Where data is to be erased, the name of the workspace is typed.
    let named = [("workspace_name", "Northwind <Support>")];
    assert_eq!(admin.submit(&managed[3].0, &named).await.status, 303);
}

#[tokio::test]
async fn a_viewer_starts_no_sync_and_a_member_does() {
    let house = House::open().await;
    let path = format!("/integrations/{}/runs", connection_id());
    assert_eq!(
        house
            .signed_in(Role::Viewer)
            .submit(&path, &[])
            .await
            .status,
        403
    );
    let answer = house.signed_in(Role::Member).submit(&path, &[]).await;
    assert_eq!(answer.location(), "/integrations?notice=sync-requested");
    assert!(house.fakes.was_asked("start_run(Full) as member"));
}

#[tokio::test]
async fn a_dismissed_banner_leads_back_within_the_console_alone() {
    let house = House::open().await;
    let mut browser = house.signed_in(Role::Viewer);
    let run = run_id().to_string();
    for (return_to, location) in [
        ("/customers?q=a", "/customers?q=a"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
    ] {
        let form = [("run", run.as_str()), ("return_to", return_to)];
        assert_eq!(
            browser.submit("/banner/dismiss", &form).await.location(),
            location
        );
    }
}

#[tokio::test]
async fn the_secret_of_a_key_is_shown_in_one_answer_alone() {
    let house = House::open().await;
    let mut admin = house.signed_in(Role::Admin);
    let made = admin
        .submit(
            "/settings/api-keys",
            &[("name", "export"), ("role", "viewer")],
        )
        .await;
    assert_eq!(made.status, 200);
    assert!(made.text.contains("hk_once-and-never-again"));
    assert_eq!(made.header("cache-control"), "no-store");
    assert!(
        !admin
            .get("/settings/api-keys")
            .await
            .text
            .contains("never-again")
    );

    let above = admin
        .submit(
            "/settings/api-keys",
            &[("name", "export"), ("role", "owner")],
        )
        .await;
    assert_eq!(above.status, 403, "a key has no more power than its maker");
    let nameless = admin
        .submit("/settings/api-keys", &[("name", " "), ("role", "viewer")])
        .await;
    assert!(
        nameless.text.contains("say what the key is for"),
        "{}",
        nameless.text
    );
}

#[tokio::test]
async fn a_field_that_is_not_known_is_refused() {
    let house = House::open().await;
    let answer = house
        .signed_in(Role::Owner)
        .submit("/sign-out", &[("next", "/")])
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("next"), "{}", answer.text);
}
