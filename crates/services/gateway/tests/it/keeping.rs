//! How the mirror of a connection is kept: runs, schedule, completeness, drift, what is stored.

use harken_contracts::convert::timestamp;
use harken_contracts::wire::sync::v1::{
    Completeness, Drift, DriftCause, DriftCount, IncompleteCount, IncompleteReason,
    IncompleteRecord, RunState, Sample, SampleField, SampleRecord,
};
use harken_domain::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::fakes::{connection_id, conversation_id, run_id};
use crate::house::House;

fn page(name: &str) -> String {
    format!("/integrations/{}/{name}", connection_id())
}

fn address(name: &str) -> String {
    format!("/api/v1/connections/{}/{name}", connection_id())
}

#[tokio::test]
async fn runs_are_filtered_and_paged_by_their_address() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Failed);
    let mut browser = house.signed_in(Role::Viewer);
    let path = page("runs?kind=incremental&state=failed&trigger=scheduled&after=t1");
    let shown = browser.get(&path).await.text;
    assert!(
        house
            .fakes
            .was_asked("list_runs(Incremental,Failed,Scheduled,t1) as viewer")
    );
    for part in [
        "<option value=\"incremental\" selected>",
        "<option value=\"failed\" selected>",
        "<option value=\"scheduled\" selected>",
        "1 of 60 syncs",
        "kind=incremental&#38;state=failed&#38;trigger=scheduled&#38;after=next",
        "Clear filter",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let none = browser.get(&page("runs?state=paused")).await.text;
    assert!(none.contains("No sync matches"));
    let wrong = browser.get(&page("runs?state=angry")).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("is none of queued, running, paused"));
}

#[tokio::test]
async fn a_member_syncs_pauses_and_resumes_and_is_told_so() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    let mut member = house.signed_in(Role::Member);
    let asked = member
        .submit(&page("runs"), &[("kind", "incremental")])
        .await;
    assert_eq!(asked.location(), "/integrations?notice=changes-requested");
    assert!(house.fakes.was_asked("start_run(Incremental) as member"));

    house.fakes.ran(RunState::Complete);
    let run = format!("/runs/{}", run_id());
    let paused = member.submit(&page("pause"), &[("return_to", &run)]).await;
    assert_eq!(paused.location(), format!("{run}?notice=paused"));
    let card = member.get("/integrations").await.text;
    for part in ["Syncing is paused.", "Paused</span>", "/resume", "Resume"] {
        assert!(card.contains(part), "{part}");
    }
    let resumed = member.submit(&page("resume"), &[]).await;
    assert_eq!(resumed.location(), "/integrations?notice=resumed");
    assert!(!member.get("/integrations").await.text.contains("is paused"));

    let mut viewer = house.signed_in(Role::Viewer);
    for what in ["pause", "resume", "runs"] {
        assert_eq!(viewer.submit(&page(what), &[]).await.status, 403, "{what}");
    }
}

#[tokio::test]
async fn a_run_tells_its_numbers_what_it_corrected_and_what_is_odd_about_it() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    {
        let mut held = house.fakes.held();
        let run = held.run.as_mut().unwrap();
        run.parts_held = 990;
        run.parts_counted = 1_000;
        run.counts[0].deleted = 7;
        run.counts[0].truncated = 3;
        run.drift = vec![DriftCount {
            cause: DriftCause::Gone.into(),
            count: 7,
        }];
    }
    let mut browser = house.signed_in(Role::Member);
    let path = format!("/runs/{}", run_id());
    let shown = browser.get(&path).await.text;
    for part in [
        "990 of 1,000",
        "10 messages and events are missing.",
        "Gone at Intercom",
        "data-label=\"Deleted\">7<",
        "data-label=\"Cut at 500 parts\">3<",
        "Retry sync",
    ] {
        assert!(shown.contains(part), "{part}");
    }

    house.fakes.ran(RunState::Running);
    house.fakes.held().run.as_mut().unwrap().rows_per_second = 480.0;
    house.fakes.held().run.as_mut().unwrap().eta_secs = Some(95);
    let going_on = browser.get(&path).await.text;
    for part in ["480 records/s", "about 2 min left", "/pause"] {
        assert!(going_on.contains(part), "{part}");
    }
}

#[tokio::test]
async fn schedule_and_window_are_saved_or_refused_field_by_field() {
    let house = House::open().await;
    house.fakes.connected();
    let mut admin = house.signed_in(Role::Admin);
    let path = page("settings");
    let saved = admin
        .submit(
            &path,
            &[("interval_minutes", "30"), ("backfill_days", "365")],
        )
        .await;
    assert_eq!(saved.location(), format!("{path}?notice=settings-saved"));
    assert!(
        house
            .fakes
            .was_asked("update_settings(Some(1800),Some(365)) as admin")
    );
    let shown = admin.get(&path).await.text;
    assert!(shown.contains("value=\"30\"") && shown.contains("value=\"365\""));

    let refused = admin
        .submit(
            &path,
            &[("interval_minutes", "soon"), ("backfill_days", "3651")],
        )
        .await;
    for part in [
        "Give a whole number of minutes, 1 to 1,440.",
        "Give a whole number of days, 1 to 3,650.",
        "value=\"soon\"",
        "value=\"3651\"",
        "aria-invalid=\"true\"",
    ] {
        assert!(refused.text.contains(part), "{part}");
    }
    let member = house.signed_in(Role::Member).get(&path).await.text;
    assert!(member.contains("Only an admin or owner can change them"));
    assert!(!member.contains("Save settings"));
}

#[tokio::test]
async fn what_is_incomplete_is_listed_with_reason_and_remedy() {
    let house = House::open().await;
    house.fakes.connected();
    {
        let mut held = house.fakes.held();
        held.mirror.completeness = Completeness {
            conversations: 200,
            conversations_complete: 199,
            parts_held: 900,
            parts_counted: 1_023,
            reasons: vec![IncompleteCount {
                reason: IncompleteReason::Truncated.into(),
                count: 1,
            }],
            checked_at: Some(timestamp(house.fakes.clock.now())),
            ..Completeness::default()
        };
        held.mirror.incomplete = vec![IncompleteRecord {
            kind: "conversation".to_owned(),
            external_id: "215468090".to_owned(),
            id: conversation_id().to_string(),
            reason: IncompleteReason::Truncated.into(),
            detail: "123 older parts were never seen".to_owned(),
            remedy: "they can be read in Intercom".to_owned(),
            parts_held: Some(500),
            parts_counted: Some(623),
            intercom_request_id: "req-of-intercom".to_owned(),
            ..IncompleteRecord::default()
        }];
    }
    let mut browser = house.signed_in(Role::Viewer);
    let path = page("completeness?reason=truncated&q=2154");
    let shown = browser.get(&path).await.text;
    assert!(
        house
            .fakes
            .was_asked("list_incomplete(Truncated,2154) as viewer")
    );
    for part in [
        "1 record is incomplete",
        "199 (99 %)",
        "500 of 623",
        "123 older parts were never seen.",
        "They can be read in Intercom.",
        "req-of-intercom",
        &format!("/conversations/{}", conversation_id()),
        "value=\"2154\"",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("Every conversation is complete"));
    assert_eq!(
        browser.get(&page("completeness?reason=sad")).await.status,
        400
    );
}

#[tokio::test]
async fn drift_is_told_by_cause_and_day() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    let mut browser = house.signed_in(Role::Viewer);
    {
        let mut held = house.fakes.held();
        held.mirror.status.is_drift_high = true;
        held.mirror.drift = Drift {
            causes: vec![DriftCount {
                cause: DriftCause::Missing.into(),
                count: 40,
            }],
            records_compared: 900,
            ..Drift::default()
        };
    }
    let shown = browser.get(&page("drift?days=30")).await.text;
    assert!(house.fakes.was_asked("get_drift(30) as viewer"));
    for part in [
        "Notifications cannot be relied on",
        "900 records were compared over the last 30 days.",
        "Not here",
        "data-label=\"Records\">40<",
    ] {
        assert!(shown.contains(part), "{part}");
    }
    assert_eq!(browser.get(&page("drift?days=8")).await.status, 400);
}

#[tokio::test]
async fn what_is_stored_is_shown_as_it_lies_in_the_tables() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().connections[0]
        .set_data_policy(harken_contracts::wire::types::v1::DataPolicy::MetadataOnly);
    house.fakes.held().mirror.sample = Sample {
        records: vec![SampleRecord {
            table: "contacts".to_owned(),
            fields: vec![SampleField {
                name: "external_id".to_owned(),
                value: "px_<b>7</b>".to_owned(),
            }],
        }],
        ..Sample::default()
    };
    let mut browser = house.signed_in(Role::Viewer);
    let shown = browser.get(&page("stored")).await.text;
    for part in [
        "Structure only",
        "Text of messages, notes, subjects or titles",
        "People as pseudonyms",
        "px_&#60;b&#62;7",
    ] {
        assert!(shown.contains(part), "{part}");
    }
}

#[tokio::test]
async fn each_page_says_so_where_sync_does_not_answer() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.held().mirror.is_silent = true;
    let mut browser = house.signed_in(Role::Owner);
    for (name, words) in [
        ("completeness", "cannot be read right now"),
        ("drift", "Drift cannot be read right now"),
        ("stored", "The sample cannot be read right now"),
        ("settings", "The settings cannot be read right now"),
    ] {
        let shown = browser.get(&page(name)).await;
        assert_eq!(shown.status, 200, "{name}");
        assert!(shown.text.contains(words), "{name}: {}", shown.text);
    }
}

#[tokio::test]
async fn programs_read_and_steer_what_the_pages_do() {
    let house = House::open().await;
    house.fakes.connected();
    house.fakes.ran(RunState::Complete);
    let mut key = house.browser().with_key("hk_admin");
    for (name, field) in [
        ("runs?kind=full&state=complete&trigger=connected", "runs"),
        ("settings", "interval_secs"),
        ("completeness", "conversations_complete"),
        ("incomplete?reason=cut&query=21", "records"),
        ("drift?days=90", "records_compared"),
        ("sample", "records"),
        ("erasure", "waiting_for"),
    ] {
        let answer = key.get(&address(name)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        assert!(!answer.json()[field].is_null(), "{name}: {}", answer.text);
    }
    for (name, field) in [
        ("runs?kind=some", "kind"),
        ("runs?state=some", "state"),
        ("incomplete?reason=some", "reason"),
        ("drift?days=91", "days"),
        ("erasure?format=xml", "format"),
    ] {
        assert_eq!(key.get(&address(name)).await.json()["field"], field);
    }
    let put = |key: &crate::browser::Browser, body: Value| {
        key.request(Method::PUT, &address("settings")).json(&body)
    };
    let request = put(&key, json!({"interval_secs": 120}));
    assert_eq!(key.send(request).await.json()["interval_secs"], 120);
    let request = put(&key, json!({"interval_secs": 59}));
    assert_eq!(key.send(request).await.json()["field"], "interval_secs");
    let paused = key.post_json(&address("pause"), &json!({})).await;
    assert_eq!(paused.json()["is_paused"], true);
    let started = key
        .post_json(&address("runs?kind=incremental"), &json!({}))
        .await;
    assert_eq!(started.status, 202);
    assert!(house.fakes.was_asked("start_run(Incremental) as admin"));
    let mut viewer = house.browser().with_key("hk_viewer");
    for name in ["pause", "resume"] {
        assert_eq!(
            viewer.post_json(&address(name), &json!({})).await.status,
            403
        );
    }
}
