//! The webhook secret of an organization's own app, from its first day to its last.

use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::wire::auth::v1::{AddMemberRequest, CreateApiKeyRequest};
use harken_contracts::wire::types::v1::Role as WireRole;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_domain::{ConnectionId, Role};
use harken_runtime::VerifiedKey;
use harken_testkit::eventually;
use tonic::{Code, Status};

use crate::edge::{Key, present};
use crate::harness::{House, Tenant, reason};

const DAY: u64 = 86_400;

/// A house with a connected tenant.
pub(crate) async fn connected() -> (House, Tenant, String) {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    (house, acme, connection.connection_id)
}

async fn standing(house: &House, tenant: &Tenant, id: &str) -> proto::WebhookSecret {
    let request = proto::GetWebhookSecretRequest {
        connection_id: id.to_owned(),
    };
    let got = house.vault(tenant).get_webhook_secret(request).await;
    got.unwrap().into_inner()
}

pub(crate) async fn retire(
    house: &House,
    tenant: &Tenant,
    id: &str,
) -> Result<proto::WebhookSecret, Status> {
    let request = proto::RetireWebhookSecretRequest {
        connection_id: id.to_owned(),
    };
    let retired = house.vault(tenant).retire_webhook_secret(request).await?;
    Ok(retired.into_inner())
}

pub(crate) fn previous(secret: &str, until: DateTime<Utc>) -> Key {
    (secret.to_owned(), true, Some(until.timestamp()))
}

#[tokio::test]
async fn a_replaced_secret_counts_for_a_day_and_its_state_is_told() {
    let (house, acme, id) = connected().await;
    let unset = standing(&house, &acme, &id).await;
    assert_eq!(
        (unset.connection_id.as_str(), unset.is_set),
        (id.as_str(), false)
    );
    assert_eq!((unset.set_at, unset.previous_valid_until), (None, None));

    let set = house.set_webhook_secret(&acme, &id, " one\n", None).await;
    let set = set.unwrap();
    let begun = house.clock.now();
    assert_eq!(set.set_at.unwrap().seconds, begun.timestamp());
    assert_eq!(set.previous_valid_until, None, "there is none to replace");
    assert_eq!(house.keys(&id).await, [present("one")]);

    house.clock.advance(TimeDelta::hours(1));
    let set = house
        .set_webhook_secret(&acme, &id, "two", None)
        .await
        .unwrap();
    let end = house.clock.now() + TimeDelta::days(1);
    assert_eq!(set.previous_valid_until.unwrap().seconds, end.timestamp());
    assert_eq!(standing(&house, &acme, &id).await, set);
    house.clock.set(end - TimeDelta::microseconds(1));
    assert_eq!(
        house.keys(&id).await,
        [present("two"), previous("one", end)]
    );
    house.clock.set(end);
    assert_eq!(house.keys(&id).await, [present("two")]);
    assert_eq!(
        standing(&house, &acme, &id).await.previous_valid_until,
        None
    );
    house.close().await;
}

#[tokio::test]
async fn the_same_secret_again_changes_nothing() {
    let (house, acme, id) = connected().await;
    house
        .set_webhook_secret(&acme, &id, "one", None)
        .await
        .unwrap();
    let set = house
        .set_webhook_secret(&acme, &id, "two", None)
        .await
        .unwrap();
    let before = house.keys(&id).await;
    house.clock.advance(TimeDelta::hours(1));
    for grace_secs in [None, Some(0), Some(7 * DAY)] {
        let again = house
            .set_webhook_secret(&acme, &id, "two", grace_secs)
            .await;
        assert_eq!(again.unwrap(), set);
    }
    assert_eq!(house.keys(&id).await, before);
    house.close().await;
}

#[tokio::test]
async fn retiring_ends_a_grace_at_once() {
    let (house, acme, id) = connected().await;
    assert!(!retire(&house, &acme, &id).await.unwrap().is_set);
    house
        .set_webhook_secret(&acme, &id, "one", None)
        .await
        .unwrap();
    house
        .set_webhook_secret(&acme, &id, "two", None)
        .await
        .unwrap();
    for _ in 0..2 {
        let retired = retire(&house, &acme, &id).await.unwrap();
        assert_eq!((retired.is_set, retired.previous_valid_until), (true, None));
        assert_eq!(house.keys(&id).await, [present("two")]);
    }
    let audit = house.audit().await;
    let deeds: Vec<_> = audit
        .iter()
        .filter(|(action, _)| action.starts_with("webhook_secret."))
        .map(|(action, detail)| (action.as_str(), detail.as_str()))
        .collect();
    let replaced = "replaced, with 86400 seconds of grace";
    assert_eq!(
        deeds,
        [
            ("webhook_secret.set", "without grace"),
            ("webhook_secret.set", replaced),
            ("webhook_secret.retired", ""),
        ]
    );
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_a_secret_is_refused_by_field() {
    let (house, acme, id) = connected().await;
    let organization = acme.organization.to_string();
    let long = "x".repeat(257);
    for secret in [
        "",
        " \n",
        "two words",
        "tab\tbed",
        "caf\u{e9}",
        "null\0",
        &long,
        &id,
        &organization,
        "ws1",
        "client-1",
    ] {
        let refused = house.set_webhook_secret(&acme, &id, secret, None).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{secret:?}");
        let field = harken_runtime::status::field_of(&refused);
        assert_eq!(field.as_deref(), Some("secret"), "{secret:?}");
    }
    let refused = house
        .set_webhook_secret(&acme, &id, "s", Some(7 * DAY + 1))
        .await;
    let field = harken_runtime::status::field_of(&refused.unwrap_err());
    assert_eq!(field.as_deref(), Some("grace_secs"));
    assert!(!standing(&house, &acme, &id).await.is_set);
    let longest = "x".repeat(256);
    house
        .set_webhook_secret(&acme, &id, &longest, Some(7 * DAY))
        .await
        .unwrap();
    house.close().await;
}

#[tokio::test]
async fn owners_and_admins_set_it_members_do_not_and_viewers_see_its_state() {
    let (house, acme, id) = connected().await;
    let member = async |role: WireRole| {
        let request = AddMemberRequest {
            email: format!("{}@acme.example", role.as_str_name()),
            name: "Somebody".to_owned(),
            role: role.into(),
        };
        let added = house.auth(&acme).add_member(request).await.unwrap();
        crate::harness::id(&added.into_inner())
    };
    for (wire, role, may) in [
        (WireRole::Admin, Role::Admin, true),
        (WireRole::Member, Role::Member, false),
        (WireRole::Viewer, Role::Viewer, false),
    ] {
        let channel = house.console_as(&acme, role, member(wire).await);
        let mut vault = VaultClient::new(channel);
        let set = proto::SetWebhookSecretRequest {
            connection_id: id.clone(),
            secret: format!("of-{role}"),
            grace_secs: None,
        };
        let retire = proto::RetireWebhookSecretRequest {
            connection_id: id.clone(),
        };
        let get = proto::GetWebhookSecretRequest {
            connection_id: id.clone(),
        };
        let (set, retired) = (
            vault.set_webhook_secret(set).await,
            vault.retire_webhook_secret(retire).await,
        );
        if may {
            assert!(set.is_ok() && retired.is_ok(), "{role}");
        } else {
            assert_eq!(
                (reason(set), reason(retired)),
                ("ROLE_TOO_LOW".into(), "ROLE_TOO_LOW".into())
            );
        }
        assert!(
            vault
                .get_webhook_secret(get)
                .await
                .unwrap()
                .into_inner()
                .is_set
        );
    }
    house.close().await;
}

#[tokio::test]
async fn an_api_key_sets_it_as_far_as_its_role_goes() {
    let (house, acme, id) = connected().await;
    for (wire, role, may) in [
        (WireRole::Admin, Role::Admin, true),
        (WireRole::Member, Role::Member, false),
    ] {
        let request = CreateApiKeyRequest {
            name: "ci".to_owned(),
            role: wire.into(),
        };
        let made = house
            .auth(&acme)
            .create_api_key(request)
            .await
            .unwrap()
            .into_inner();
        let verified = VerifiedKey {
            id: made.api_key.unwrap().api_key_id.parse().unwrap(),
            organization: acme.organization,
            role,
        };
        house.server.keys.add(&made.secret, verified);
        let mut request = tonic::Request::new(proto::SetWebhookSecretRequest {
            connection_id: id.clone(),
            secret: "by-key".to_owned(),
            grace_secs: None,
        });
        let bearer = format!("Bearer {}", made.secret).parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        let mut vault = VaultClient::connect(house.server.url()).await.unwrap();
        let set = vault.set_webhook_secret(request).await;
        if may {
            assert!(set.unwrap().into_inner().is_set);
        } else {
            assert_eq!(reason(set), "ROLE_TOO_LOW");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn anothers_connection_is_not_found() {
    let (house, _, id) = connected().await;
    let globex = house.tenant("globex").await;
    let unknown = ConnectionId::generate(&house.clock).to_string();
    for id in [&id, &unknown] {
        let get = proto::GetWebhookSecretRequest {
            connection_id: id.clone(),
        };
        for code in [
            house
                .vault(&globex)
                .get_webhook_secret(get)
                .await
                .unwrap_err()
                .code(),
            house
                .set_webhook_secret(&globex, id, "s", None)
                .await
                .unwrap_err()
                .code(),
            retire(&house, &globex, id).await.unwrap_err().code(),
        ] {
            assert_eq!(code, Code::NotFound);
        }
    }
    house.close().await;
}

#[tokio::test]
async fn disconnecting_forgets_it_and_connecting_again_does_not_bring_it_back() {
    let (house, acme, id) = connected().await;
    house
        .set_webhook_secret(&acme, &id, "one", None)
        .await
        .unwrap();
    house
        .set_webhook_secret(&acme, &id, "two", None)
        .await
        .unwrap();
    house.end(&acme, &id).await;
    assert!(!standing(&house, &acme, &id).await.is_set);
    let refused = house.set_webhook_secret(&acme, &id, "three", None).await;
    assert_eq!(reason(refused), "CONNECTION_BROKEN");
    house.connect(&acme, "tok-2", "ws1").await.unwrap();
    assert_eq!(house.keys(&id).await, []);
    house.close().await;
}

#[tokio::test]
async fn it_outlives_a_dead_token_until_its_connection_is_disconnected() {
    let (house, acme, id) = connected().await;
    house
        .set_webhook_secret(&acme, &id, "one", None)
        .await
        .unwrap();
    house
        .set_webhook_secret(&acme, &id, "two", None)
        .await
        .unwrap();
    let keys = house.keys(&id).await;
    assert_eq!(keys.len(), 2);
    let break_it = async |token: &str| {
        house.intercom.kill(token);
        let test = proto::TestConnectionRequest {
            connection_id: id.clone(),
        };
        let broken = house.vault(&acme).test_connection(test).await;
        assert_eq!(reason(broken), "CONNECTION_BROKEN");
        assert_eq!(house.keys(&id).await, [], "nothing is verified meanwhile");
    };
    break_it("tok-1").await;
    let again = house.connect(&acme, "tok-2", "ws1").await.unwrap();
    assert_eq!(again.connection_id, id);
    assert_eq!(house.keys(&id).await, keys);
    house.call(&acme, &again, "/contacts").await.unwrap();

    break_it("tok-2").await;
    house.end(&acme, &id).await;
    house.connect(&acme, "tok-3", "ws1").await.unwrap();
    assert_eq!(house.keys(&id).await, []);
    house.close().await;
}

#[tokio::test]
async fn a_secret_whose_grace_has_ended_is_erased() {
    let (house, acme, id) = connected().await;
    house
        .set_webhook_secret(&acme, &id, "one", None)
        .await
        .unwrap();
    house
        .set_webhook_secret(&acme, &id, "two", Some(60))
        .await
        .unwrap();
    let sealed = async || -> Vec<String> {
        sqlx::query_scalar("SELECT field FROM vault.sealed_secrets ORDER BY field")
            .fetch_all(&mut house.owner().await)
            .await
            .unwrap()
    };
    let whole = ["access_token", "webhook_secret", "webhook_secret_previous"];
    assert_eq!(sealed().await, whole);
    house.clock.advance(TimeDelta::seconds(60));
    // Each process tidies when it starts.
    let _another = house.another().await;
    eventually("it is erased", async || sealed().await == whole[..2]).await;
    assert_eq!(house.keys(&id).await, [present("two")]);
    house.close().await;
}
