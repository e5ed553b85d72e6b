//! Each state and each explained failure, seen in a real browser: words, shapes, and nothing wider than a phone.

use chrono::TimeDelta;
use harken_contracts::convert::timestamp;
use harken_contracts::wire::ingress::v1::Deliveries;
use harken_contracts::wire::sync::v1::{
    Completeness, DriftCause, DriftCount, IncompleteCount, IncompleteReason, IncompleteRecord,
    RunState,
};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1::{ConnectionMethod, ConnectionState, Erasure};
use harken_domain::Role;
use harken_runtime::status;
use harken_testkit::chromium::{Chromium, DESK, DESK_AT_NIGHT, PHONE};

use crate::fakes::{Fakes, connection_id, customer_id, run_id};
use crate::house::House;

type Arrange = fn(&Fakes);

async fn signed_in(house: &House) -> Chromium {
    let browser = Chromium::open().await;
    browser.look_through(DESK).await;
    browser.go(&house.url("/sign-in")).await;
    let session = house.fakes.session(Role::Owner);
    browser.keep_cookie("harken_session", &session).await;
    browser
}

fn page(name: &str) -> String {
    format!("/integrations/{}/{name}", connection_id())
}

fn ends(fakes: &Fakes, state: ConnectionState, reason: &str) {
    let mut held = fakes.held();
    held.connections[0].set_state(state);
    reason.clone_into(&mut held.connections[0].state_reason);
}

/// Each state with how it comes about, its word, and what the card says besides.
const STATES: [(&str, Arrange, &str, &str); 12] = [
    ("none", |_| {}, "Not connected", "Connect your workspace"),
    (
        "connecting",
        |fakes| {
            fakes.connected();
            fakes.ran(RunState::Queued);
        },
        "Connecting",
        "Waiting to begin",
    ),
    (
        "syncing",
        |fakes| fakes.ran(RunState::Running),
        "Syncing",
        "Syncing Intercom data…",
    ),
    (
        "connected",
        |fakes| fakes.ran(RunState::Complete),
        "Connected",
        "Complete, 500 contacts imported",
    ),
    (
        "sync-failed",
        |fakes| fakes.ran(RunState::Failed),
        "Degraded",
        "The last sync failed",
    ),
    (
        "permission-missing",
        |fakes| {
            fakes.ran(RunState::Complete);
            fakes.held().mirror.status.missing_permissions = vec!["Read tags".to_owned()];
        },
        "Degraded",
        "missing: Read tags",
    ),
    (
        "notifications-silent",
        |fakes| {
            let now = fakes.clock.now();
            let mut held = fakes.held();
            held.mirror.status.missing_permissions.clear();
            held.deliveries = Some(Deliveries {
                connection_id: connection_id().to_string(),
                last_delivery_at: Some(timestamp(now - TimeDelta::hours(5))),
                ..Deliveries::default()
            });
            let run = held.run.as_mut().unwrap();
            run.started_at = Some(timestamp(now - TimeDelta::minutes(5)));
            run.drift = vec![DriftCount {
                cause: DriftCause::Stale.into(),
                count: 3,
            }];
        },
        "Degraded",
        "Intercom has stopped sending notifications",
    ),
    (
        "drift-high",
        |fakes| {
            fakes.held().deliveries = None;
            fakes.held().mirror.status.is_drift_high = true;
        },
        "Degraded",
        "Syncs had to correct much",
    ),
    (
        "paused",
        |fakes| fakes.held().mirror.settings.is_paused = true,
        "Paused",
        "Nothing is read from Intercom until it is resumed",
    ),
    (
        "disconnected",
        |fakes| {
            let reason =
                "Intercom no longer accepts the token (token_revoked, request req-of-intercom)";
            ends(fakes, ConnectionState::Disconnected, reason);
        },
        "Disconnected",
        "token_revoked",
    ),
    (
        "disconnecting",
        |fakes| {
            ends(fakes, ConnectionState::Disconnecting, "");
            fakes.held().erasure = Erasure {
                waiting_for: vec!["scoring".to_owned()],
                ..Erasure::default()
            };
        },
        "Disconnecting",
        "Waiting for scoring.",
    ),
    (
        "purged",
        |fakes| ends(fakes, ConnectionState::Purged, ""),
        "Purged",
        "See the receipts",
    ),
];

#[tokio::test]
async fn each_state_of_a_connection_is_seen_with_its_word_its_shape_and_what_to_do() {
    let house = House::open().await;
    let browser = signed_in(&house).await;
    for (name, arrange, word, more) in STATES {
        arrange(&house.fakes);
        browser.go("/integrations").await;
        browser.wait_for_words(more).await;
        let badge = browser
            .run("const badge = document.querySelector('.integration-head .badge'); return badge.innerText + '|' + !!badge.querySelector('svg, .dot')")
            .await;
        assert_eq!(badge, format!("{word}|true"), "{name}");
        let pill = browser
            .run("return document.querySelector('.pill').innerText")
            .await;
        // What is purged is not connected any more.
        let expected = if name == "purged" {
            "Not connected"
        } else {
            word
        };
        assert_eq!(pill, expected, "{name}");
        browser.picture(&format!("state-{name}")).await;
        browser.look_through(PHONE).await;
        assert!(
            browser.overflow().await <= 0,
            "{name} is wider than a phone"
        );
        browser.look_through(DESK).await;
    }
    browser.close().await;
}

/// Why connecting fails, as Intercom's way back tells it, and what the page must say.
const OAUTH: [(&str, &str, [&str; 2]); 13] = [
    ("OAUTH_CANCELLED", "", ["access_denied", "press Allow"]),
    (
        "OAUTH_WRONG_CLIENT",
        "",
        ["invalid_client", "HARKEN_INTERCOM_CLIENT_ID"],
    ),
    (
        "OAUTH_REDIRECT_MISMATCH",
        "",
        ["redirect_uri_mismatch", "/oauth/intercom/callback"],
    ),
    ("OAUTH_STATE_EXPIRED", "", ["took too long", "Start again"]),
    (
        "OAUTH_STATE_UNKNOWN",
        "",
        ["not good any more", "in this browser"],
    ),
    (
        "OAUTH_CODE_REFUSED",
        "",
        ["did not hand over access", "Start again"],
    ),
    (
        "OAUTH_NOT_CONFIGURED",
        "",
        ["no Intercom app to sign in with", "access token instead"],
    ),
    (
        "ALREADY_CONNECTED",
        "workspace nw7x2k1p is connected",
        ["already connected", "nw7x2k1p"],
    ),
    (
        "WORKSPACE_OF_ANOTHER_ORGANIZATION",
        "workspace nw7x2k1p is connected to another organization",
        ["belongs to another organization", "nw7x2k1p"],
    ),
    (
        "WORKSPACE_DIFFERS",
        "this connection belongs to workspace nw7x2k1p, and Intercom gave access to workspace ab12cd34",
        ["nw7x2k1p", "ab12cd34"],
    ),
    (
        "POLICY_FIXED",
        "it was connected as full",
        [
            "data policy of this workspace is fixed",
            "policy that it had",
        ],
    ),
    (
        "STILL_ERASING",
        "",
        ["is being erased", "receipts are complete"],
    ),
    (
        "INTERCOM_UNREACHABLE",
        "",
        ["cannot be reached", "intercomstatus.com"],
    ),
];

#[tokio::test]
async fn each_failure_to_connect_is_explained_with_a_way_on() {
    let house = House::open().await;
    let browser = signed_in(&house).await;
    for (reason, message, parts) in OAUTH {
        house.fakes.held().mishap = Some(status::failed_precondition(reason, message));
        browser.go("/oauth/intercom/callback?code=c&state=s").await;
        for part in parts {
            browser.wait_for_words(part).await;
        }
        browser.wait_for_words("Request id to quote").await;
        browser.wait_for("a[href='/integrations']").await;
        browser.picture(&format!("failure-{reason}")).await;
    }
    for (reason, parts) in [
        (
            "TOKEN_REFUSED",
            [
                "wrong, cut off at one end, revoked",
                "its app is not active any more",
                "paste it again",
            ],
        ),
        (
            "PERMISSION_MISSING",
            [
                "lacks a permission",
                "Tick Read conversations.",
                "req-of-intercom",
            ],
        ),
        (
            "CONNECTION_BROKEN",
            [
                "no longer lets Harken in",
                "Reconnect the workspace",
                "stay meanwhile",
            ],
        ),
    ] {
        house.fakes.held().mishap = Some(status::failed_precondition(reason, "it is so"));
        browser.go("/integrations/intercom/token").await;
        browser.wait_for("#access_token").await;
        browser
            .run("document.getElementById('access_token').focus()")
            .await;
        browser.type_keys("dG9rOmN1dA").await;
        browser.press("button[value=save]").await;
        for part in parts {
            browser.wait_for_words(part).await;
        }
        let typed = browser
            .run("return document.getElementById('access_token').value")
            .await;
        assert_eq!(typed, "", "a token is not shown again");
        browser.picture(&format!("failure-{reason}")).await;
    }
    browser.close().await;
}

/// What a member finds: its name, how it comes about, where it is read, and in which words.
type Explained = (&'static str, Arrange, String, &'static str);

async fn finds_explained(cases: impl IntoIterator<Item = Explained>) {
    let house = House::open().await;
    house.fakes.connected();
    let browser = signed_in(&house).await;
    for (name, arrange, path, words) in cases {
        arrange(&house.fakes);
        browser.go(&path).await;
        browser.wait_for_words(words).await;
        browser.picture(&format!("explained-{name}")).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn what_a_run_did_not_bring_is_explained_on_its_page() {
    let run = format!("/runs/{}", run_id());
    let cases: [Explained; 5] = [
        (
            "0-contacts",
            |fakes| {
                fakes.ran(RunState::Complete);
                fakes.held().run.as_mut().unwrap().counts[0].seen = 0;
                fakes.held().run.as_mut().unwrap().counts[0].skipped = 0;
            },
            run.clone(),
            "0 contacts imported. Intercom gave no contact at all",
        ),
        (
            "contacts-missing",
            |fakes| {
                fakes.ran(RunState::Complete);
                let skip = harken_contracts::wire::sync::v1::SkipCount {
                    reason: "no_valid_email".to_owned(),
                    count: 12,
                };
                fakes.held().run.as_mut().unwrap().counts[0].skips = vec![skip];
            },
            run.clone(),
            "12 contacts are missing from Customers: they have no valid e-mail address",
        ),
        (
            "8-minutes",
            |fakes| {
                fakes.ran(RunState::Running);
                let began = timestamp(fakes.clock.now() - TimeDelta::minutes(9));
                fakes.held().run.as_mut().unwrap().started_at = Some(began);
            },
            run.clone(),
            "This sync takes longer than 8 minutes.",
        ),
        (
            "worked-once",
            |fakes| {
                fakes.ran(RunState::Failed);
                let before = timestamp(fakes.clock.now() - TimeDelta::hours(9));
                fakes.held().mirror.status.last_complete_at = Some(before);
            },
            run.clone(),
            "It worked before and fails now.",
        ),
        (
            "messages-missing",
            |fakes| {
                fakes.ran(RunState::CompleteWithGaps);
                let mut held = fakes.held();
                let run = held.run.as_mut().unwrap();
                run.parts_held = 500;
                run.parts_counted = 623;
            },
            run.clone(),
            "123 messages and events are missing.",
        ),
    ];
    finds_explained(cases).await;
}

#[tokio::test]
async fn what_a_connection_lacks_is_explained_where_it_is_looked_for() {
    let cases: [Explained; 4] = [
        (
            "incomplete",
            |fakes| {
                let mut held = fakes.held();
                held.mirror.completeness = Completeness {
                    conversations: 9,
                    conversations_complete: 8,
                    parts_held: 500,
                    parts_counted: 623,
                    reasons: vec![IncompleteCount {
                        reason: IncompleteReason::Truncated.into(),
                        count: 1,
                    }],
                    checked_at: Some(timestamp(fakes.clock.now())),
                    ..Completeness::default()
                };
                held.mirror.incomplete = vec![IncompleteRecord {
                    kind: "conversation".to_owned(),
                    external_id: "215468090".to_owned(),
                    reason: IncompleteReason::Truncated.into(),
                    detail: "123 older parts were never seen".to_owned(),
                    remedy: "they can be read in Intercom".to_owned(),
                    ..IncompleteRecord::default()
                }];
            },
            page("completeness"),
            "123 older parts were never seen.",
        ),
        (
            "webhooks-none",
            |fakes| fakes.held().deliveries = Some(Deliveries::default()),
            format!("/settings/integrations/{}", connection_id()),
            "Not heard from Intercom yet",
        ),
        (
            "sync-away",
            |fakes| fakes.held().mirror.is_silent = true,
            page("drift"),
            "Drift cannot be read right now",
        ),
        (
            "last-error",
            |fakes| {
                fakes.held().mirror.is_silent = false;
                fakes.held().mirror.status.last_error =
                    "2 conversations were refused; tick Read conversations, then sync again"
                        .to_owned();
            },
            page("settings"),
            "2 conversations were refused; tick Read conversations, then sync again.",
        ),
    ];
    finds_explained(cases).await;
}

#[tokio::test]
async fn what_is_kept_of_a_connection_that_ended_is_marked_until_it_is_removed() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    let browser = signed_in(&house).await;
    let customer = format!("/customers/{}", customer_id());
    let places = ["/", "/customers", &customer];
    for path in places {
        browser.go(path).await;
        browser.wait_for_words("Miles").await;
        let words = browser.run("return document.body.innerText").await;
        assert!(!words.as_str().unwrap().contains("No longer updated"));
    }
    ends(&house.fakes, ConnectionState::Disconnected, "");
    for path in places {
        browser.go(path).await;
        browser.wait_for_words("No longer updated").await;
        browser.look_through(PHONE).await;
        assert!(browser.overflow().await <= 0, "{path}");
        browser.look_through(DESK).await;
    }
    browser
        .wait_for_words("it stays until the data is removed")
        .await;
    ends(&house.fakes, ConnectionState::Disconnecting, "");
    browser.go(&customer).await;
    browser.wait_for_words("is being erased").await;
    browser.close().await;
}

#[tokio::test]
async fn a_pseudonym_without_a_score_is_told_apart_and_explained() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().mirror.is_pseudonym = true;
    let browser = signed_in(&house).await;
    let customer = format!("/customers/{}", customer_id());
    for (path, parts) in [
        ("/customers", ["Contact ps_0f1e2d3c", "N/A"]),
        (
            customer.as_str(),
            [
                "No score: there is no conversation with this customer yet.",
                "this is not judged",
            ],
        ),
    ] {
        browser.go(path).await;
        for part in parts {
            browser.wait_for_words(part).await;
        }
        browser.look_through(PHONE).await;
        assert!(browser.overflow().await <= 0, "{path}");
        browser.look_through(DESK).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn settings_are_corrected_field_by_field_and_erasing_wants_the_name_typed() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    let browser = signed_in(&house).await;
    browser.go(&page("settings")).await;
    browser.run("document.getElementById('interval_minutes').value = '0'; document.getElementById('backfill_days').value = '90'").await;
    browser
        .press("form[action$='/settings'] .button.primary")
        .await;
    browser
        .wait_for_words("Give a whole number of minutes, 1 to 1,440.")
        .await;
    browser
        .run("document.getElementById('interval_minutes').value = '20'")
        .await;
    browser
        .press("form[action$='/settings'] .button.primary")
        .await;
    browser.wait_for_words("The settings are saved.").await;
    assert!(
        house
            .fakes
            .was_asked("update_settings(Some(1200),Some(90))")
    );

    house.fakes.held().connections[0].set_on_disconnect(OnDisconnect::Purge);
    browser.go("/integrations").await;
    browser.press(".menu summary").await;
    browser.press("a[href$='/disconnect']").await;
    browser.wait_for_words("This cannot be undone.").await;
    browser
        .run("document.getElementById('workspace_name').focus()")
        .await;
    browser.type_keys("Northwind\u{e007}").await;
    browser
        .wait_for_words("That is not the name of the workspace.")
        .await;
    browser.picture("disconnect-wrong-name").await;
    browser
        .run("document.getElementById('workspace_name').focus()")
        .await;
    browser.type_keys("Northwind <Support>\u{e007}").await;
    browser.wait_for_words("Nothing was erased").await;
    assert!(house.fakes.was_asked("disconnect as owner"));
    browser.close().await;
}

#[tokio::test]
async fn every_page_about_a_connection_fits_a_desk_a_phone_and_the_night() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::CompleteWithGaps);
    house.fakes.held().connections[0].set_method(ConnectionMethod::AccessToken);
    let browser = signed_in(&house).await;
    for (screen, look) in [(DESK, "desk"), (PHONE, "phone"), (DESK_AT_NIGHT, "night")] {
        browser.look_through(screen).await;
        for name in [
            "runs",
            "completeness",
            "drift",
            "stored",
            "settings",
            "token",
            "disconnect",
            "remove-data",
            "erasure",
        ] {
            browser.go(&page(name)).await;
            browser.wait_for("main h1").await;
            browser.picture(&format!("{name}-{look}")).await;
            assert!(
                browser.overflow().await <= 0,
                "{name} is wider than a {look}"
            );
        }
        let run = format!("/runs/{}", run_id());
        for path in ["/integrations", "/integrations/intercom/connect", &run] {
            browser.go(path).await;
            browser.wait_for("main h1").await;
            assert!(
                browser.overflow().await <= 0,
                "{path} is wider than a {look}"
            );
        }
    }
    browser.close().await;
}
