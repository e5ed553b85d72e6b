//! What comes of it when somebody says that a workspace uninstalled the app.

use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1 as proto;
use harken_testkit::eventually;

use crate::harness::{House, Tenant, reason};
use crate::intercom::Fault;

async fn report(house: &House, workspace_id: &str) {
    let request = proto::ReportUninstallRequest {
        workspace_id: workspace_id.to_owned(),
    };
    house.edge().report_uninstall(request).await.unwrap();
}

/// When Intercom is asked next; none if there is nothing to ask.
async fn due(house: &House) -> Option<DateTime<Utc>> {
    let due: Option<Option<DateTime<Utc>>> =
        sqlx::query_scalar("SELECT due_at FROM vault.uninstall_checks")
            .fetch_optional(&mut house.owner().await)
            .await
            .unwrap();
    due.flatten()
}

async fn checks(house: &House) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM vault.uninstall_checks")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap()
}

async fn state(house: &House, tenant: &Tenant, id: &str) -> proto::Connection {
    let request = proto::GetConnectionRequest {
        connection_id: id.to_owned(),
    };
    let found = house.vault(tenant).get_connection(request).await.unwrap();
    found.into_inner()
}

/// How often Intercom was asked whose token it is, whatever it said.
fn asked(house: &House) -> usize {
    let seen = house.intercom.seen();
    seen.iter().filter(|seen| seen.path == "/me").count()
}

#[tokio::test]
async fn what_intercom_confirms_closes_the_connection() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    house.next::<ConnectionOpened>().await;
    house.intercom.kill("tok-1");
    report(&house, "ws1").await;
    let closed = house.next::<ConnectionClosed>().await;
    assert_eq!((closed.connection_id.as_str(), closed.revision), (id, 2));
    assert_eq!(closed.on_disconnect(), OnDisconnect::Retain);
    assert!(
        closed.reason.contains("uninstalled in Intercom")
            && closed.reason.contains("401 token_revoked on GET /me"),
        "{}",
        closed.reason
    );
    let now = state(&house, &acme, id).await;
    assert_eq!(now.state(), proto::ConnectionState::Disconnected);
    assert_eq!(now.state_reason, closed.reason);
    assert_eq!(
        reason(house.call(&acme, &connection, "/contacts").await),
        "CONNECTION_BROKEN"
    );
    eventually("there is nothing to ask", async || {
        due(&house).await.is_none()
    })
    .await;
    let audit = house.audit().await;
    assert!(
        audit
            .iter()
            .any(|(action, detail)| action == "connection.broken"
                && detail
                    .starts_with("uninstalled; 401 token_revoked on GET /me at 2026-11-20 12:0")),
        "{audit:?}"
    );
    house.close().await;
}

#[tokio::test]
async fn what_intercom_denies_changes_nothing() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let before = asked(&house);
    report(&house, "ws1").await;
    eventually("Intercom is asked", async || asked(&house) == before + 1).await;
    eventually("it is settled", async || due(&house).await.is_none()).await;
    assert_eq!(
        state(&house, &acme, &connection.connection_id).await,
        connection
    );
    house.close().await;
}

#[tokio::test]
async fn while_intercom_does_not_say_it_is_asked_again_ever_later() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.forbid("tok-1", &["/me"]);
    let before = asked(&house);
    report(&house, "ws1").await;
    for attempt in 1..=2 {
        eventually("Intercom is asked", async || {
            asked(&house) == before + attempt
        })
        .await;
        let earliest = house.clock.now() + TimeDelta::minutes(1 << (attempt - 1));
        eventually("it is postponed", async || {
            due(&house).await.is_some_and(|due| due >= earliest)
        })
        .await;
        house.clock.set(due(&house).await.unwrap());
    }
    let open = state(&house, &acme, &connection.connection_id).await;
    assert_eq!(open.state(), proto::ConnectionState::Connected);
    house.intercom.forbid("tok-1", &[]);
    house.intercom.kill("tok-1");
    house.clock.advance(TimeDelta::hours(1));
    eventually("it is closed", async || {
        let now = state(&house, &acme, &connection.connection_id).await;
        now.state() == proto::ConnectionState::Disconnected
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn an_intercom_in_trouble_is_no_confirmation() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    for _ in 0..5 {
        house
            .intercom
            .fail_next("/me", Fault::Status(503, "service_unavailable"));
    }
    report(&house, "ws1").await;
    eventually("it was asked in vain", async || {
        house.intercom.count("/me", 503) == 5
    })
    .await;
    eventually("it is asked again later", async || {
        due(&house).await.is_some_and(|due| due > house.clock.now())
    })
    .await;
    let open = state(&house, &acme, &connection.connection_id).await;
    assert_eq!(open.state(), proto::ConnectionState::Connected);
    house.close().await;
}

#[tokio::test]
async fn however_often_it_is_said_intercom_is_asked_once_a_minute() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let another = house.another().await;
    let before = asked(&house);
    for minute in 1..=3 {
        let reports = (0..30).map(|_| report(&house, "ws1"));
        futures::future::join_all(reports).await;
        eventually("Intercom is asked", async || {
            asked(&house) == before + minute
        })
        .await;
        eventually("what was said meanwhile waits", async || {
            due(&house).await.is_none_or(|due| due > house.clock.now())
        })
        .await;
        report(&house, "ws1").await;
        let next = house.clock.now() + TimeDelta::minutes(1);
        assert_eq!(due(&house).await, Some(next), "no check in this minute");
        assert_eq!(checks(&house).await, 1);
        assert_eq!(asked(&house), before + minute);
        house.clock.set(next);
    }
    another.stop();
    house.close().await;
}

#[tokio::test]
async fn what_is_said_while_intercom_is_asked_is_asked_again() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let before = asked(&house);
    house.intercom.fail_next("/me", Fault::Hang);
    report(&house, "ws1").await;
    let next = house.clock.now() + TimeDelta::minutes(1);
    eventually("it is taken up", async || due(&house).await == Some(next)).await;
    report(&house, "ws1").await;
    eventually("Intercom answers", async || asked(&house) == before + 1).await;
    house.clock.set(next);
    eventually("it is asked again", async || asked(&house) == before + 2).await;
    house.close().await;
}

#[tokio::test]
async fn of_workspaces_that_are_nobodys_nothing_is_kept() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.end(&acme, &connection.connection_id).await;
    let long = "x".repeat(100_000);
    for workspace in ["ws1", "ws2", "", "null\0", &long] {
        report(&house, workspace).await;
    }
    assert_eq!(checks(&house).await, 0);
    house.close().await;
}

#[tokio::test]
async fn checks_that_ended_are_forgotten() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    house.connect(&acme, "tok-1", "ws1").await.unwrap();
    report(&house, "ws1").await;
    eventually("it is settled", async || {
        checks(&house).await == 1 && due(&house).await.is_none()
    })
    .await;
    house.clock.advance(TimeDelta::minutes(1));
    let _another = house.another().await;
    eventually("it is forgotten", async || checks(&house).await == 0).await;
    house.close().await;
}
