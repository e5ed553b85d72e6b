//! Connections without a workspace behind them.

use chrono::TimeDelta;
use harken_contracts::wire::auth::v1::AddMemberRequest;
use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect, Role as WireRole};
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_domain::Role;
use harken_testkit::eventually;
use tonic::{Code, Status};

use crate::edge::present;
use crate::harness::{House, Tenant, reason};

async fn drill(
    house: &House,
    tenant: &Tenant,
    label: &str,
) -> Result<proto::SyntheticConnection, Status> {
    let request = proto::OpenSyntheticConnectionRequest {
        label: label.to_owned(),
    };
    let opened = house
        .vault(tenant)
        .open_synthetic_connection(request)
        .await?;
    Ok(opened.into_inner())
}

async fn listed(house: &House, tenant: &Tenant) -> Vec<proto::Connection> {
    let request = proto::ListConnectionsRequest {};
    let listed = house.vault(tenant).list_connections(request).await.unwrap();
    listed.into_inner().connections
}

#[tokio::test]
async fn a_drill_takes_notifications_like_any_connection_and_leaves_no_trace() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let opened = drill(&house, &acme, " Friday's drill ").await.unwrap();
    let connection = opened.connection.unwrap();
    let id = connection.connection_id.as_str();
    assert_eq!(connection.method(), proto::ConnectionMethod::Synthetic);
    assert_eq!(connection.workspace_name, "Friday's drill");
    let chance = connection.workspace_id.strip_prefix("drill-").unwrap();
    assert_eq!(hex::decode(chance).unwrap().len(), 6);
    assert_eq!(
        (connection.region.as_str(), connection.timezone.as_str()),
        ("US", "UTC")
    );
    assert_eq!(connection.data_policy(), DataPolicy::Full);
    assert_eq!(connection.on_disconnect(), OnDisconnect::Purge);
    assert_eq!(connection.connected_by, "Owner of acme");
    assert_eq!(
        listed(&house, &acme).await,
        std::slice::from_ref(&connection)
    );
    let told = house.next::<ConnectionOpened>().await;
    assert!(told.is_synthetic && told.connection_id == id);
    assert_eq!(house.keys(id).await, [present(&opened.webhook_secret)]);
    let route = house.resolve(&connection.workspace_id).await.unwrap();
    assert_eq!(route.connection_id, id);

    let rotated = house
        .set_webhook_secret(&acme, id, "rotated", None)
        .await
        .unwrap();
    assert!(rotated.previous_valid_until.is_some());
    house.end(&acme, id).await;
    let told = house.next::<ConnectionClosed>().await;
    assert!(told.is_synthetic && told.connection_id == id);
    assert_eq!(told.on_disconnect(), OnDisconnect::Purge);
    assert_eq!(house.webhook_keys(id).await, proto::WebhookKeys::default());
    for table in [
        "data_keys",
        "sealed_secrets",
        "webhook_secrets",
        "pending_revocations",
    ] {
        let statement = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM vault.{table}"));
        let left: i64 = sqlx::query_scalar(statement)
            .fetch_one(&mut house.owner().await)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
    assert!(
        house.intercom.seen().is_empty(),
        "Intercom heard nothing of it"
    );
    house.close().await;
}

#[tokio::test]
async fn no_intercom_stands_behind_a_drill() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let opened = drill(&house, &acme, "drill").await.unwrap();
    let connection = opened.connection.unwrap();
    let called = house.call(&acme, &connection, "/contacts").await;
    assert_eq!(reason(called), "CONNECTION_SYNTHETIC");
    let request = proto::TestConnectionRequest {
        connection_id: connection.connection_id.clone(),
    };
    let tested = house.vault(&acme).test_connection(request).await;
    assert_eq!(reason(tested), "CONNECTION_SYNTHETIC");
    let connected = house
        .connect(&acme, "tok-1", &connection.workspace_id)
        .await;
    assert_eq!(reason(connected), "CONNECTION_SYNTHETIC");
    house.end(&acme, &connection.connection_id).await;
    let connected = house
        .connect(&acme, "tok-1", &connection.workspace_id)
        .await;
    assert_eq!(reason(connected), "CONNECTION_SYNTHETIC");
    let request = proto::ReportUninstallRequest {
        workspace_id: connection.workspace_id,
    };
    house.edge().report_uninstall(request).await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn five_drills_are_open_at_once_at_most_however_many_try() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let tries = (0..8).map(|_| drill(&house, &acme, "drill"));
    let outcomes = futures::future::join_all(tries).await;
    let (opened, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((opened.len(), refused.len()), (5, 3));
    for refusal in refused {
        assert_eq!(reason(refusal), "TOO_MANY_SYNTHETIC");
    }
    drill(&house, &globex, "drill").await.unwrap();
    let one = opened
        .into_iter()
        .next()
        .unwrap()
        .unwrap()
        .connection
        .unwrap();
    house.end(&acme, &one.connection_id).await;
    drill(&house, &acme, "drill").await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn members_open_no_drills_and_a_drill_has_a_name() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let request = AddMemberRequest {
        email: "member@acme.example".to_owned(),
        name: "Somebody".to_owned(),
        role: WireRole::Member.into(),
    };
    let member = house.auth(&acme).add_member(request).await.unwrap();
    let member = crate::harness::id(&member.into_inner());
    let channel = house.console_as(&acme, Role::Member, member);
    let request = proto::OpenSyntheticConnectionRequest {
        label: "drill".to_owned(),
    };
    let refused = VaultClient::new(channel)
        .open_synthetic_connection(request)
        .await;
    assert_eq!(reason(refused), "ROLE_TOO_LOW");
    for label in ["", "  ", "two\nlines", &"x".repeat(81)] {
        let refused = drill(&house, &acme, label).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{label:?}");
    }
    drill(&house, &acme, &"\u{f6}".repeat(80)).await.unwrap();
    house.close().await;
}

#[tokio::test]
async fn an_operator_opens_drills_by_itself() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let operator = house
        .server
        .channel("operator")
        .for_organization(acme.organization);
    let request = proto::OpenSyntheticConnectionRequest {
        label: "drill".to_owned(),
    };
    let opened = VaultClient::new(operator)
        .open_synthetic_connection(request)
        .await;
    let connection = opened.unwrap().into_inner().connection.unwrap();
    assert_eq!(connection.connected_by, "operator");
    house.close().await;
}

#[tokio::test]
async fn a_drill_ends_after_a_day_and_is_forgotten_after_another() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    drill(&house, &acme, "old").await.unwrap();
    let real = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.next::<ConnectionOpened>().await;
    house.next::<ConnectionOpened>().await;
    house.clock.advance(TimeDelta::hours(23));
    drill(&house, &acme, "young").await.unwrap();
    house.next::<ConnectionOpened>().await;
    house.clock.advance(TimeDelta::hours(2));
    // Each process tidies when it starts.
    let _second = house.another().await;
    let told = house.next::<ConnectionClosed>().await;
    assert!(told.is_synthetic);
    assert_eq!(told.reason, "drills end after a day");
    house.clock.advance(TimeDelta::hours(24));
    let _third = house.another().await;
    eventually(
        "the old one is forgotten, the young one ended, the real one as it was",
        async || {
            let listed = listed(&house, &acme).await;
            let names: Vec<_> = listed
                .iter()
                .map(|it| (it.workspace_name.as_str(), it.state()))
                .collect();
            names
                == [
                    ("young", proto::ConnectionState::Disconnecting),
                    (&real.workspace_name, proto::ConnectionState::Connected),
                ]
        },
    )
    .await;
    house.close().await;
}
