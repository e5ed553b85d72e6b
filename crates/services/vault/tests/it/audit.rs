use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::auth::v1::{CreateApiKeyRequest, RecordAuditRequest};
use harken_contracts::wire::types::v1::Role;
use harken_contracts::wire::vault::v1 as proto;
use harken_runtime::status;
use harken_vault::{BrokenChain, verify_audit_log};

use crate::harness::{House, Tenant, reason};

/// A house with a past.
async fn lived_in() -> (House, Tenant) {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.call(&acme, &connection, "/contacts").await.unwrap();
    let request = proto::DisconnectRequest {
        connection_id: connection.connection_id,
    };
    house.vault(&acme).disconnect(request).await.unwrap();
    (house, acme)
}

async fn tamper(house: &House, statement: &'static str) {
    let mut owner = house.owner().await;
    for statement in ["SET session_replication_role = replica", statement] {
        sqlx::query(statement).execute(&mut owner).await.unwrap();
    }
}

#[tokio::test]
async fn each_deed_is_logged_and_the_chain_holds() {
    let (house, acme) = lived_in().await;
    let entries = verify_audit_log(&house.store, acme.organization)
        .await
        .unwrap();
    assert_eq!(entries, Ok(4));
    let actions: Vec<(String, String)> =
        sqlx::query_as("SELECT action, detail FROM vault.audit_entries ORDER BY sequence")
            .fetch_all(&mut house.owner().await)
            .await
            .unwrap();
    let actions: Vec<_> = actions.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "organization.created",
            "connection.opened",
            "secret.opened",
            "connection.closed",
        ]
    );
    house.close().await;
}

#[tokio::test]
async fn a_log_that_was_tampered_with_is_found_out() {
    for (statement, expected) in [
        (
            "UPDATE vault.audit_entries SET detail = 'test' WHERE action = 'secret.opened'",
            BrokenChain::Changed { sequence: 3 },
        ),
        (
            "DELETE FROM vault.audit_entries WHERE sequence = 2",
            BrokenChain::Missing { expected: 2 },
        ),
        (
            "DELETE FROM vault.audit_entries WHERE sequence = 4",
            BrokenChain::CutShort {
                found: 3,
                expected: 4,
            },
        ),
    ] {
        let (house, acme) = lived_in().await;
        tamper(&house, statement).await;
        let verdict = verify_audit_log(&house.store, acme.organization)
            .await
            .unwrap();
        assert_eq!(verdict, Err(expected));
        house.close().await;
    }
}

#[tokio::test]
async fn the_log_refuses_to_be_changed() {
    let (house, _) = lived_in().await;
    for statement in [
        "UPDATE vault.audit_entries SET detail = 'x'",
        "DELETE FROM vault.audit_entries",
        "TRUNCATE vault.audit_entries",
    ] {
        let refused = sqlx::query(statement)
            .execute(&mut house.owner().await)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("the audit log is not changed"),
            "{statement}"
        );
    }
    house.close().await;
}

async fn record(
    house: &House,
    tenant: &Tenant,
    request: RecordAuditRequest,
) -> Result<(), tonic::Status> {
    house.auth(tenant).record_audit(request).await?;
    Ok(())
}

fn replayed(actor: &str) -> RecordAuditRequest {
    RecordAuditRequest {
        actor: actor.to_owned(),
        action: "dead_letters.replayed".to_owned(),
        subject: "dead-letter 17".to_owned(),
        detail: "3 of 3".to_owned(),
    }
}

#[tokio::test]
async fn the_gateway_has_deeds_of_its_callers_written_into_the_chain() {
    let (house, acme) = lived_in().await;
    let request = CreateApiKeyRequest {
        name: "ci".to_owned(),
        role: Role::Member.into(),
    };
    let key = house.auth(&acme).create_api_key(request).await.unwrap();
    let key = key.into_inner().api_key.unwrap().api_key_id;
    let actors = [acme.owner.to_string(), key, "operator".to_owned()];
    for actor in &actors {
        record(&house, &acme, replayed(actor)).await.unwrap();
    }
    let written: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT actor, subject, detail FROM vault.audit_entries
         WHERE action = 'dead_letters.replayed' ORDER BY sequence",
    )
    .fetch_all(&mut house.owner().await)
    .await
    .unwrap();
    let expected = |actor: &String| (actor.clone(), "dead-letter 17".into(), "3 of 3".into());
    assert_eq!(written, actors.iter().map(expected).collect::<Vec<_>>());
    let entries = verify_audit_log(&house.store, acme.organization)
        .await
        .unwrap();
    assert_eq!(entries, Ok(4 + 1 + 3));
    house.close().await;
}

#[tokio::test]
async fn what_is_no_deed_of_the_organizations_is_not_written() {
    let (house, acme) = lived_in().await;
    let globex = house.tenant("globex").await;
    let usual = || replayed(&acme.owner.to_string());
    for (field, request) in [
        ("actor", replayed(&globex.owner.to_string())),
        ("actor", replayed("Ann Smith")),
        ("actor", replayed("")),
        (
            "action",
            RecordAuditRequest {
                action: "replayed".to_owned(),
                ..usual()
            },
        ),
        (
            "subject",
            RecordAuditRequest {
                subject: String::new(),
                ..usual()
            },
        ),
        (
            "subject",
            RecordAuditRequest {
                subject: "x".repeat(201),
                ..usual()
            },
        ),
        (
            "detail",
            RecordAuditRequest {
                detail: "x".repeat(2001),
                ..usual()
            },
        ),
        (
            "detail",
            RecordAuditRequest {
                detail: "two\nlines".to_owned(),
                ..usual()
            },
        ),
    ] {
        let refused = record(&house, &acme, request).await.unwrap_err();
        assert_eq!(status::field_of(&refused).as_deref(), Some(field));
    }
    let others = [
        house
            .server
            .channel("sync")
            .for_organization(acme.organization),
        house
            .server
            .channel("operator")
            .for_organization(acme.organization),
    ];
    for channel in others {
        let refused = AuthClient::new(channel).record_audit(usual()).await;
        assert_eq!(reason(refused), "SERVICES_ONLY");
    }
    let entries = verify_audit_log(&house.store, acme.organization)
        .await
        .unwrap();
    assert_eq!(entries, Ok(4));
    house.close().await;
}
