//! The vault as the edge sees it.

use chrono::TimeDelta;
use harken_contracts::wire::types::v1::DataPolicy;
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::vault_client::VaultClient;
use harken_domain::ConnectionId;
use harken_runtime::{Authorized, Environment};
use tonic::{Code, Status};

use crate::harness::{House, Tenant, reason};

/// A key as a test reads it: the secret, whether it is being replaced, and when it ends (seconds of the epoch).
pub(crate) type Key = (String, bool, Option<i64>);

impl House {
    pub(crate) fn edge(&self) -> VaultClient<Authorized> {
        VaultClient::new(self.server.channel("ingress").for_no_organization())
    }

    pub(crate) async fn webhook_keys(&self, connection_id: &str) -> proto::WebhookKeys {
        let request = proto::GetWebhookKeysRequest {
            connection_id: connection_id.to_owned(),
        };
        let keys = self.edge().get_webhook_keys(request).await.unwrap();
        keys.into_inner()
    }

    pub(crate) async fn keys(&self, connection_id: &str) -> Vec<Key> {
        read(self.webhook_keys(connection_id).await)
    }

    pub(crate) async fn resolve(&self, workspace_id: &str) -> Result<proto::WebhookRoute, Status> {
        let request = proto::ResolveWorkspaceRequest {
            workspace_id: workspace_id.to_owned(),
        };
        let route = self.edge().resolve_workspace(request).await?;
        Ok(route.into_inner())
    }

    pub(crate) async fn set_webhook_secret(
        &self,
        tenant: &Tenant,
        connection_id: &str,
        secret: &str,
        grace_secs: Option<u64>,
    ) -> Result<proto::WebhookSecret, Status> {
        let request = proto::SetWebhookSecretRequest {
            connection_id: connection_id.to_owned(),
            secret: secret.to_owned(),
            grace_secs,
        };
        let set = self.vault(tenant).set_webhook_secret(request).await?;
        Ok(set.into_inner())
    }

    pub(crate) async fn end(&self, tenant: &Tenant, connection_id: &str) {
        let request = proto::DisconnectRequest {
            connection_id: connection_id.to_owned(),
        };
        self.vault(tenant).disconnect(request).await.unwrap();
    }

    /// Actions and details of the audit log of the only organization.
    pub(crate) async fn audit(&self) -> Vec<(String, String)> {
        sqlx::query_as("SELECT action, detail FROM vault.audit_entries ORDER BY sequence")
            .fetch_all(&mut self.owner().await)
            .await
            .unwrap()
    }
}

pub(crate) fn read(keys: proto::WebhookKeys) -> Vec<Key> {
    let key = |key: proto::WebhookKey| {
        let secret = String::from_utf8(key.secret.to_vec()).unwrap();
        let until = key.valid_until.map(|until| until.seconds);
        (secret, key.is_previous, until)
    };
    keys.keys.into_iter().map(key).collect()
}

pub(crate) fn present(secret: &str) -> Key {
    (secret.to_owned(), false, None)
}

#[tokio::test]
async fn the_deployments_app_is_verified_by_its_secret_and_the_one_before() {
    let house = House::open().await;
    assert_eq!(house.keys("").await, [present("client-secret-1")]);
    assert_eq!(house.webhook_keys("").await.route, None);
    house.close().await;

    let house = House::open_with(|environment| {
        environment.with("HARKEN_INTERCOM_PREVIOUS_CLIENT_SECRET", "client-secret-0")
    });
    let house = Box::pin(house).await;
    let previous = ("client-secret-0".to_owned(), true, None);
    assert_eq!(house.keys("").await, [present("client-secret-1"), previous]);
    house.close().await;
}

#[tokio::test]
async fn without_an_app_nothing_is_verified() {
    let key = ("HARKEN_KEY_ENCRYPTION_KEY", "5a".repeat(32));
    let house = House::open_with(|_| Environment::from_pairs([key]));
    let house = Box::pin(house).await;
    assert_eq!(house.webhook_keys("").await, proto::WebhookKeys::default());
    house.close().await;
}

#[tokio::test]
async fn an_own_app_is_verified_by_its_connections_secret_and_routed_to_it() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let one = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let other = house.connect(&globex, "tok-2", "ws2").await.unwrap();
    let set = |tenant, id, secret| house.set_webhook_secret(tenant, id, secret, None);
    set(&acme, &one.connection_id, "of-acme").await.unwrap();
    set(&globex, &other.connection_id, "of-globex")
        .await
        .unwrap();
    for (tenant, connection, workspace, secret) in [
        (&acme, &one, "ws1", "of-acme"),
        (&globex, &other, "ws2", "of-globex"),
    ] {
        let keys = house.webhook_keys(&connection.connection_id).await;
        let expected = proto::WebhookRoute {
            connection_id: connection.connection_id.clone(),
            organization_id: tenant.organization.to_string(),
            workspace_id: workspace.to_owned(),
            data_policy: DataPolicy::Full.into(),
            pseudonym_key: Vec::new().into(),
        };
        assert_eq!(keys.route.as_ref(), Some(&expected));
        assert_eq!(read(keys), [present(secret)]);
        assert_eq!(house.resolve(workspace).await.unwrap(), expected);
    }
    house.close().await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_told_from_what_is_disconnected() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    assert_eq!(house.keys(id).await, [], "no secret is set");
    assert!(house.webhook_keys(id).await.route.is_some());
    house
        .set_webhook_secret(&acme, id, "s", None)
        .await
        .unwrap();
    house.end(&acme, id).await;
    let unknown = ConnectionId::generate(&house.clock).to_string();
    for id in [id, &unknown, "con_", "../../etc", "org_1"] {
        let nothing = proto::WebhookKeys::default();
        assert_eq!(house.webhook_keys(id).await, nothing, "{id}");
    }
    let long = "x".repeat(1 << 20);
    for workspace in ["ws1", "ws2", "", "null\0", "caf\u{e9}", &long] {
        let refused = house.resolve(workspace).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{workspace}");
    }
    house.close().await;
}

#[tokio::test]
async fn nobody_but_the_edge_learns_keys_and_routes() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let channels = [
        house.server.channel("gateway").for_no_organization(),
        house
            .server
            .channel("sync")
            .for_organization(acme.organization),
        house.console(&acme),
    ];
    for channel in channels {
        let mut vault = VaultClient::new(channel);
        let keys = proto::GetWebhookKeysRequest::default();
        let resolve = proto::ResolveWorkspaceRequest::default();
        let report = proto::ReportUninstallRequest::default();
        for refused in [
            reason(vault.get_webhook_keys(keys).await),
            reason(vault.resolve_workspace(resolve).await),
            reason(vault.report_uninstall(report).await),
        ] {
            assert_eq!(refused, "SERVICES_ONLY");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn opening_keys_is_logged_once_an_hour_whichever_process_is_asked() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let id = connection.connection_id.as_str();
    house
        .set_webhook_secret(&acme, id, "s", None)
        .await
        .unwrap();
    let another = house.another().await;
    let logged = async || {
        let audit = house.audit().await;
        audit
            .iter()
            .filter(|(action, detail)| action == "secret.opened" && detail.contains("signatures"))
            .count()
    };
    for hour in 1..=3 {
        let asked = (0..8).map(|number| {
            let server = [&house.server, &another][number % 2];
            let channel = server.channel("ingress").for_no_organization();
            let request = proto::GetWebhookKeysRequest {
                connection_id: id.to_owned(),
            };
            async move {
                let keys = VaultClient::new(channel).get_webhook_keys(request).await;
                assert_eq!(read(keys.unwrap().into_inner()), [present("s")]);
            }
        });
        futures::future::join_all(asked).await;
        assert_eq!(logged().await, hour);
        house.clock.advance(TimeDelta::hours(1));
    }
    house.close().await;
}
