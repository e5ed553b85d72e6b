use harken_contracts::wire::vault::v1 as proto;
use harken_domain::{ConnectionId, MemberId, OrganizationId};
use harken_store::{SchemaMigrations, migrate};
use harken_testkit::{Database, eventually};
use harken_vault::{migrations, verify_audit_log};
use sqlx::migrate::Migrator;
use uuid::Uuid;

use crate::edge::present;
use crate::harness::{House, Tenant};

/// The last migration of the release before webhooks.
const BEFORE: i64 = 20_261_120_999_999;

/// What that release wrote: a connected workspace, its token `tok-of-old` sealed under the key of the tests, a token that
/// waits for its revocation, and a row of the audit log.
const LEGACY: &str = "
    INSERT INTO vault.organizations VALUES ('01900000-0000-7000-8000-000000000001', 'acme', '2026-11-19T00:00:00Z');
    INSERT INTO vault.members VALUES ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000003',
        'owner@acme.example', 'Owner', 'owner', '2026-11-19T00:00:00Z');
    INSERT INTO vault.connections VALUES ('01900000-0000-7000-8000-000000000001',
        '01900000-0000-7000-8000-000000000002', 'ws1', 'Workspace', 'US', 'Europe/Berlin', 'access_token', 'connected',
        '', 'full', 'retain', 'Owner', '2026-11-19T00:00:00Z', 1);
    INSERT INTO vault.data_keys VALUES ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000001',
        '03336555-2371-4de6-a611-12df16b711a0', 'file-55ddf432e9a9',
        '\\x3f794bcd24365c6ebd1696c5fb31bcbb718f319c922ec0e1c1b0ef32d0ce25290c548b12df71ce9db3262a176fd58d370ab3a89fde148e7bf8a65134066d9fe468711cbefae0d51e');
    INSERT INTO vault.sealed_secrets VALUES ('01900000-0000-7000-8000-000000000002', 'access_token', 1,
        '\\x27afab5c7c1139e614d84eea4111a33cd2382f69783ef07fe3eb934578464f154101c6acb092102c2daacaa3a5c07b68fa6f');
    INSERT INTO vault.pending_revocations VALUES ('01900000-0000-7000-8000-000000000002',
        '01900000-0000-7000-8000-000000000001', 'US', '03336555-2371-4de6-a611-12df16b711a0', 'file-55ddf432e9a9',
        '\\x3f794bcd24365c6ebd1696c5fb31bcbb718f319c922ec0e1c1b0ef32d0ce25290c548b12df71ce9db3262a176fd58d370ab3a89fde148e7bf8a65134066d9fe468711cbefae0d51e',
        1, '\\x27afab5c7c1139e614d84eea4111a33cd2382f69783ef07fe3eb934578464f154101c6acb092102c2daacaa3a5c07b68fa6f',
        0, '2030-01-01T00:00:00Z', '2026-11-19T00:00:00Z');
";

#[tokio::test]
async fn what_the_release_before_wrote_is_read_and_kept() {
    let earlier = migrations()
        .migrator
        .iter()
        .filter(|migration| migration.version < BEFORE)
        .cloned()
        .collect();
    let database = Database::create(SchemaMigrations {
        schema: "vault",
        migrator: Migrator::with_migrations(earlier),
    })
    .await;
    let mut owner = database.owner().await;
    sqlx::raw_sql(LEGACY).execute(&mut owner).await.unwrap();
    let migrated = migrate(&database.url(), &[migrations()]).await.unwrap();
    let all = migrations();
    let later = all
        .migrator
        .iter()
        .filter(|migration| migration.version > BEFORE);
    assert_eq!(migrated[0].applied, later.count());

    let house = Box::pin(House::open_on(database, |environment| environment)).await;
    house.intercom.admit("tok-of-old", "ws1");
    let id = |last: u128| Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + last);
    let acme = Tenant {
        organization: OrganizationId::from_uuid(id(1)),
        owner: MemberId::from_uuid(id(3)),
    };
    let request = proto::GetConnectionRequest {
        connection_id: ConnectionId::from_uuid(id(2)).to_string(),
    };
    let found = house.vault(&acme).get_connection(request).await.unwrap();
    let connection = found.into_inner();
    house.call(&acme, &connection, "/contacts").await.unwrap();
    let id = connection.connection_id.as_str();
    house
        .set_webhook_secret(&acme, id, "new", None)
        .await
        .unwrap();
    assert_eq!(house.keys(id).await, [present("new")]);
    house.call(&acme, &connection, "/contacts").await.unwrap();
    house.clock.set("2030-01-01T00:00:00Z".parse().unwrap());
    eventually("the token that waited is revoked", async || {
        house.intercom.is_dead("tok-of-old")
    })
    .await;
    eventually("and erased", async || {
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM vault.pending_revocations")
            .fetch_one(&mut house.owner().await)
            .await
            .unwrap();
        left == 0
    })
    .await;
    let entries = verify_audit_log(&house.store, acme.organization)
        .await
        .unwrap();
    assert_eq!(entries, Ok(4));
    house.close().await;
}
