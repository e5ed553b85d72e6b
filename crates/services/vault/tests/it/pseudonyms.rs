//! Keys of pseudonyms: who gets them, and how long they stay the same.

use chrono::TimeDelta;
use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use tonic::{Code, Status};

use crate::harness::{House, Tenant};

async fn connect(
    house: &House,
    tenant: &Tenant,
    policy: (DataPolicy, OnDisconnect),
) -> proto::Connection {
    house.intercom.admit("tok-1", "ws1");
    let request = proto::ConnectWithTokenRequest {
        access_token: "tok-1".to_owned(),
        member_id: tenant.owner.to_string(),
        data_policy: policy.0.into(),
        on_disconnect: policy.1.into(),
        ..proto::ConnectWithTokenRequest::default()
    };
    let connected = house.vault(tenant).connect_with_token(request).await;
    connected.unwrap().into_inner()
}

async fn key(
    house: &House,
    (service, tenant): (&str, &Tenant),
    connection: &proto::Connection,
) -> Result<Vec<u8>, Status> {
    let channel = house
        .server
        .channel(service)
        .for_organization(tenant.organization);
    let request = proto::GetPseudonymKeyRequest {
        connection_id: connection.connection_id.clone(),
    };
    let key = VaultClient::new(channel).get_pseudonym_key(request).await?;
    Ok(key.into_inner().key.to_vec())
}

#[tokio::test]
async fn a_key_goes_to_those_who_make_pseudonyms_and_to_nobody_else() {
    let house = House::open().await;
    let (acme, other) = (house.tenant("acme").await, house.tenant("other").await);
    let policy = (DataPolicy::MetadataOnly, OnDisconnect::Retain);
    let connection = connect(&house, &acme, policy).await;
    let told = key(&house, ("sync", &acme), &connection).await.unwrap();
    assert_eq!(told.len(), 32);
    assert_eq!(
        key(&house, ("ingress", &acme), &connection).await.unwrap(),
        told
    );
    let route = house.resolve("ws1").await.unwrap();
    assert_eq!(route.pseudonym_key, told, "the edge gets it with the route");
    for (service, tenant, code) in [
        ("gateway", &acme, Code::PermissionDenied),
        ("scoring", &acme, Code::PermissionDenied),
        ("sync", &other, Code::NotFound),
    ] {
        let refused = key(&house, (service, tenant), &connection).await;
        assert_eq!(refused.unwrap_err().code(), code, "{service}");
    }
    house.clock.advance(TimeDelta::minutes(59));
    key(&house, ("sync", &acme), &connection).await.unwrap();
    let opened = |audit: Vec<(String, String)>| {
        let of_key = audit
            .into_iter()
            .filter(|(_, detail)| detail.contains("pseudonyms"));
        of_key.count()
    };
    assert_eq!(opened(house.audit().await), 1);
    house.clock.advance(TimeDelta::minutes(1));
    key(&house, ("sync", &acme), &connection).await.unwrap();
    assert_eq!(opened(house.audit().await), 2);
    house.close().await;
}

#[tokio::test]
async fn where_content_is_kept_there_is_no_key() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = connect(&house, &acme, (DataPolicy::Full, OnDisconnect::Retain)).await;
    let refused = key(&house, ("sync", &acme), &connection).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    assert!(house.resolve("ws1").await.unwrap().pseudonym_key.is_empty());
    house.close().await;
}

#[tokio::test]
async fn people_are_called_the_same_after_an_end_that_keeps_them() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let policy = (DataPolicy::MetadataOnly, OnDisconnect::Retain);
    let connection = connect(&house, &acme, policy).await;
    let before = key(&house, ("sync", &acme), &connection).await.unwrap();
    house.end(&acme, &connection.connection_id).await;
    house.end(&acme, &connection.connection_id).await;
    let sealed: i64 = sqlx::query_scalar("SELECT count(*) FROM vault.sealed_secrets")
        .fetch_one(&mut house.owner().await)
        .await
        .unwrap();
    assert_eq!(sealed, 0, "the token is forgotten all the same");
    let again = connect(&house, &acme, policy).await;
    assert_eq!(again.connection_id, connection.connection_id);
    assert_eq!(key(&house, ("sync", &acme), &again).await.unwrap(), before);

    house.intercom.kill("tok-1");
    house.call(&acme, &again, "/contacts").await.unwrap_err();
    let broken = connect(&house, &acme, policy).await;
    assert_eq!(key(&house, ("sync", &acme), &broken).await.unwrap(), before);
    house.close().await;
}

#[tokio::test]
async fn the_key_is_gone_with_what_it_named() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let policy = (DataPolicy::MetadataOnly, OnDisconnect::Purge);
    let connection = connect(&house, &acme, policy).await;
    key(&house, ("sync", &acme), &connection).await.unwrap();
    house.end(&acme, &connection.connection_id).await;
    let refused = key(&house, ("sync", &acme), &connection).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    house.close().await;
}
