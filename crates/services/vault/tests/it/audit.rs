use harken_contracts::wire::vault::v1 as proto;
use harken_vault::{BrokenChain, verify_audit_log};

use crate::harness::{House, Tenant};

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
