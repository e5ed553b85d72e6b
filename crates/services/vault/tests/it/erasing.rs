//! Every service erases what it keeps of a connection, and the vault collects the receipts. The services are played here.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use harken_bus::Outgoing;
use harken_contracts::convert::timestamp;
use harken_contracts::events::Event;
use harken_contracts::wire::events::v1::record_change::Record;
use harken_contracts::wire::events::v1::{
    ConnectionClosed, ConnectionErased, ConnectionOpened, ErasedCount,
};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_domain::{ConnectionId, OrganizationId, Role};
use harken_testkit::{eventually, eventually_some, records};
use tonic::{Code, Status};

use crate::harness::{House, Tenant, reason};

impl House {
    async fn purging(&self, tenant: &Tenant, token: &str) -> proto::Connection {
        self.intercom.admit(token, "ws1");
        let request = proto::ConnectWithTokenRequest {
            access_token: token.to_owned(),
            member_id: tenant.owner.to_string(),
            on_disconnect: OnDisconnect::Purge.into(),
            ..proto::ConnectWithTokenRequest::default()
        };
        let answer = self.vault(tenant).connect_with_token(request).await;
        answer.unwrap().into_inner()
    }

    async fn disconnect(&self, tenant: &Tenant, id: &str) -> proto::Connection {
        let request = proto::DisconnectRequest {
            connection_id: id.to_owned(),
        };
        let answer = self.vault(tenant).disconnect(request).await;
        answer.unwrap().into_inner()
    }

    async fn remove_data(
        &self,
        tenant: &Tenant,
        id: &str,
        name: &str,
    ) -> Result<proto::Connection, Status> {
        let request = proto::RemoveDataRequest {
            connection_id: id.to_owned(),
            workspace_name: name.to_owned(),
        };
        let answer = self.vault(tenant).remove_data(request).await?;
        Ok(answer.into_inner())
    }

    async fn erasure(&self, tenant: &Tenant, id: &str) -> proto::Erasure {
        let request = proto::GetErasureRequest {
            connection_id: id.to_owned(),
        };
        let answer = self.vault(tenant).get_erasure(request).await;
        answer.unwrap().into_inner()
    }

    async fn found(&self, tenant: &Tenant, id: &str) -> proto::Connection {
        let request = proto::GetConnectionRequest {
            connection_id: id.to_owned(),
        };
        let answer = self.vault(tenant).get_connection(request).await;
        answer.unwrap().into_inner()
    }

    async fn publish<E: Event>(&self, message_id: &str, event: &E) {
        let message = Outgoing::of(message_id, event).unwrap();
        self.bus.publish(message).await.unwrap();
    }

    /// A service answers.
    async fn answers(
        &self,
        tenant: &Tenant,
        id: &str,
        service: &str,
        (revision, rows): (i64, u64),
    ) {
        let erased = ConnectionErased {
            connection_id: id.to_owned(),
            organization_id: tenant.organization.to_string(),
            service: service.to_owned(),
            revision,
            erased: vec![
                ErasedCount {
                    place: format!("{service}.some"),
                    count: rows,
                },
                ErasedCount {
                    place: format!("{service}.none"),
                    count: 0,
                },
            ],
            erased_at: Some(timestamp(self.clock.now())),
        };
        let message_id = format!("{service}-{id}-{revision}-{rows}");
        self.publish(&message_id, &erased).await;
    }

    async fn all_answer(&self, tenant: &Tenant, id: &str, revision: i64) {
        for service in ["ingress", "sync", "scoring"] {
            self.answers(tenant, id, service, (revision, 7)).await;
        }
    }

    async fn becomes(&self, tenant: &Tenant, id: &str, state: proto::ConnectionState) {
        eventually("the connection is in its state", async || {
            self.found(tenant, id).await.state() == state
        })
        .await;
    }
}

fn counts(receipt: &proto::ErasureReceipt) -> BTreeMap<&str, u64> {
    let counts = receipt.erased.iter();
    counts.map(|one| (one.place.as_str(), one.count)).collect()
}

fn company(organization: OrganizationId, id: &str) -> impl Event + use<> {
    let connection: ConnectionId = id.parse().unwrap();
    let record = Record::Company(records::company("a company"));
    records::changed(organization, connection, vec![record])
}

#[tokio::test]
async fn a_purge_collects_receipts_clears_the_bus_and_destroys_the_key() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.purging(&acme, "tok-1").await;
    let id = connection.connection_id.as_str();
    house.next::<ConnectionOpened>().await;
    house
        .publish("record", &company(acme.organization, id))
        .await;

    let closed = house.disconnect(&acme, id).await;
    assert_eq!(closed.state(), proto::ConnectionState::Disconnecting);
    let told = house.next::<ConnectionClosed>().await;
    assert_eq!(
        (told.revision, told.on_disconnect()),
        (2, OnDisconnect::Purge)
    );
    let erasure = house.erasure(&acme, id).await;
    assert_eq!(erasure.waiting_for, ["ingress", "scoring", "sync"]);
    assert!(erasure.requested_at.is_some() && erasure.completed_at.is_none());

    // Another service, an older closing, and one that repeats itself: none of them counts.
    house.answers(&acme, id, "somebody", (2, 1)).await;
    house.answers(&acme, id, "sync", (1, 1)).await;
    house.answers(&acme, id, "sync", (2, 40)).await;
    house.answers(&acme, id, "sync", (2, 41)).await;
    eventually("one is in", async || {
        house.erasure(&acme, id).await.waiting_for == ["ingress", "scoring"]
    })
    .await;
    assert_eq!(
        reason(house.connect(&acme, "tok-2", "ws1").await),
        "STILL_ERASING"
    );
    house.answers(&acme, id, "ingress", (2, 0)).await;
    house.answers(&acme, id, "scoring", (2, 3)).await;
    house
        .becomes(&acme, id, proto::ConnectionState::Purged)
        .await;

    let erasure = house.erasure(&acme, id).await;
    assert!(erasure.completed_at.is_some() && erasure.waiting_for.is_empty());
    let services: Vec<&str> = erasure
        .receipts
        .iter()
        .map(|receipt| receipt.service.as_str())
        .collect();
    assert_eq!(services.len(), 5, "{services:?}");
    let of = |service: &str| {
        let receipt = erasure.receipts.iter().find(|it| it.service == service);
        counts(receipt.unwrap())
    };
    assert_eq!(
        of("sync"),
        BTreeMap::from([("sync.none", 0), ("sync.some", 40)])
    );
    assert_eq!(of("bus")["HARKEN_RECORD"], 1);
    // Opened, closed and the receipts themselves.
    assert!(of("bus")["HARKEN_SIGNAL"] >= 5, "{:?}", of("bus"));
    assert_eq!(
        of("vault"),
        BTreeMap::from([
            ("vault.data_keys", 1),
            ("vault.sealed_secrets", 1),
            ("vault.webhook_secrets", 0),
        ])
    );
    let held = house.bus.held(id.parse().unwrap()).await.unwrap();
    assert!(held.iter().all(|(_, messages)| *messages == 0), "{held:?}");

    // The workspace comes back as a connection of its own, under another policy.
    let again = house.connect(&acme, "tok-3", "ws1").await.unwrap();
    assert_ne!(again.connection_id, id);
    assert_eq!(again.on_disconnect(), OnDisconnect::Retain);
    house.close().await;
}

#[tokio::test]
async fn what_was_under_way_when_the_bus_was_cleared_is_cleared_two_minutes_later() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.purging(&acme, "tok-1").await;
    let id = connection.connection_id.as_str();
    house.disconnect(&acme, id).await;
    house.all_answer(&acme, id, 2).await;
    house
        .becomes(&acme, id, proto::ConnectionState::Purged)
        .await;
    house.publish("late", &company(acme.organization, id)).await;
    house.clock.advance(TimeDelta::minutes(2));
    eventually("the bus is empty again, and it is counted", async || {
        let erasure = house.erasure(&acme, id).await;
        let bus = erasure.receipts.iter().find(|it| it.service == "bus");
        let held = house.bus.held(id.parse().unwrap()).await.unwrap();
        counts(bus.unwrap())["HARKEN_RECORD"] == 1 && held.iter().all(|(_, count)| *count == 0)
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn data_that_was_retained_is_removed_when_its_name_is_typed() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let (id, name) = (
        connection.connection_id.as_str(),
        connection.workspace_name.as_str(),
    );
    house.next::<ConnectionOpened>().await;
    let refused = house.remove_data(&acme, id, name).await;
    assert_eq!(reason(refused), "STILL_CONNECTED");
    let closed = house.disconnect(&acme, id).await;
    assert_eq!(closed.state(), proto::ConnectionState::Disconnected);
    house.next::<ConnectionClosed>().await;
    let none = house.erasure(&acme, id).await;
    assert_eq!(
        (
            none.requested_at,
            none.receipts.len(),
            none.waiting_for.len()
        ),
        (None, 0, 0)
    );

    let refused = house.remove_data(&acme, id, &name.to_lowercase()).await;
    assert_eq!(reason(refused), "NAME_DIFFERS");
    let refused = house.remove_data(&globex, id, name).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let console = house.console_as(&acme, Role::Member, acme.owner);
    let request = proto::RemoveDataRequest {
        connection_id: id.to_owned(),
        workspace_name: name.to_owned(),
    };
    let refused = VaultClient::new(console).remove_data(request).await;
    assert_eq!(reason(refused), "ROLE_TOO_LOW");

    let erasing = house.remove_data(&acme, id, name).await.unwrap();
    assert_eq!(
        (erasing.state(), erasing.revision),
        (proto::ConnectionState::Disconnecting, 3)
    );
    let again = house.remove_data(&acme, id, name).await.unwrap();
    assert_eq!(again.revision, 3, "asked twice, it is asked once");
    let told = house.next::<ConnectionClosed>().await;
    assert_eq!(
        (told.revision, told.on_disconnect()),
        (3, OnDisconnect::Purge)
    );
    house.all_answer(&acme, id, 3).await;
    house
        .becomes(&acme, id, proto::ConnectionState::Purged)
        .await;
    let actions: Vec<String> = house.audit().await.into_iter().map(|(it, _)| it).collect();
    for action in [
        "connection.closed",
        "connection.data_removed",
        "connection.purged",
    ] {
        assert!(actions.iter().any(|it| it == action), "{actions:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn an_erasure_unfinished_after_a_day_says_so_and_for_whom_it_waits() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.purging(&acme, "tok-1").await;
    let id = connection.connection_id.as_str();
    house.disconnect(&acme, id).await;
    house.answers(&acme, id, "sync", (2, 1)).await;
    house.answers(&acme, id, "ingress", (2, 1)).await;
    eventually("two are in", async || {
        house.erasure(&acme, id).await.waiting_for == ["scoring"]
    })
    .await;
    assert!(!house.erasure(&acme, id).await.is_overdue);
    house.clock.advance(TimeDelta::hours(24));
    assert!(house.erasure(&acme, id).await.is_overdue);
    let late = eventually_some("it is said", async || {
        let found = house.found(&acme, id).await;
        found.state_reason.contains("24 hours").then_some(found)
    })
    .await;
    assert!(
        late.state_reason.ends_with("waiting for scoring"),
        "{}",
        late.state_reason
    );
    // Late, it is finished all the same: what counts is the closing that asked for it.
    house.answers(&acme, id, "scoring", (2, 1)).await;
    house
        .becomes(&acme, id, proto::ConnectionState::Purged)
        .await;
    assert!(!house.erasure(&acme, id).await.is_overdue);
    house.close().await;
}

#[tokio::test]
async fn a_token_that_died_leaves_everything_until_somebody_removes_it() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.purging(&acme, "tok-1").await;
    let id = connection.connection_id.as_str();
    house.next::<ConnectionOpened>().await;
    house.intercom.kill("tok-1");
    let called = house.call(&acme, &connection, "/contacts").await;
    assert_eq!(reason(called), "CONNECTION_BROKEN");
    let told = house.next::<ConnectionClosed>().await;
    assert_eq!(told.on_disconnect(), OnDisconnect::Retain);
    let found = house.found(&acme, id).await;
    assert_eq!(found.state(), proto::ConnectionState::Disconnected);
    let name = found.workspace_name.as_str();
    house.remove_data(&acme, id, name).await.unwrap();
    house.all_answer(&acme, id, 3).await;
    house
        .becomes(&acme, id, proto::ConnectionState::Purged)
        .await;
    house.close().await;
}
