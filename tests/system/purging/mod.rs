//! A connection of 100,000 records is purged, services are killed while they erase, and nothing of it is left: in no table
//! of any schema, in no stream. Another organization's data stays as it was.

mod filled;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use harken_contracts::subjects::Stream;
use harken_contracts::wire::vault::v1::{
    ConnectionState, DisconnectRequest, Erasure, GetConnectionRequest, GetErasureRequest,
};
use harken_domain::ConnectionId;
use harken_system_tests::deployment::Deployment;
use harken_system_tests::ledger::audit;
use harken_system_tests::traffic::{Pace, Story, Traffic};
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::time::sleep;

use self::filled::{CANARY, Filled};
use crate::patience::eventually;

/// Contacts, conversations and parts together: 100,000 records.
const CONTACTS: i64 = 40_000;
/// Services whose receipts are held against what was there.
const SERVICES: [&str; 3] = ["sync", "scoring", "ingress"];
/// Tables that go on naming the connection, by its id alone: what ended, who asked, what was erased, and that what comes
/// late is to be let pass.
const TOMBSTONES: [&str; 12] = [
    "vault.connections",
    "vault.audit_entries",
    "vault.erasure_requests",
    "vault.erasure_receipts",
    "vault.erasure_counts",
    "sync.connections",
    "sync.erasures",
    "sync.erased_counts",
    "scoring.connections",
    "scoring.erasures",
    "scoring.erased_counts",
    "ingress.erasures",
];

#[tokio::test]
async fn a_purge_of_100_000_records_adds_up_over_kills_and_leaves_nothing() {
    let mut deployment = Deployment::open().await.unwrap();
    let workspace = deployment.tenant().open_workspace("purged").await.unwrap();
    let pace = Pace {
        per_sec: 25,
        senders: 4,
    };
    let story = Story::of(&workspace, 7);
    let traffic = Traffic::begin(deployment.edge(), &workspace, story, pace);
    sleep(Duration::from_secs(2)).await;
    let (ledger, truth) = traffic.end().await.unwrap();
    // It has arrived everywhere before it goes.
    audit(&deployment, &workspace, &ledger, &truth)
        .await
        .unwrap();
    let mut db = deployment.database().await.unwrap();
    quiet(&mut db).await;
    let purged = Filled {
        organization: deployment.tenant().organization(),
        connection: workspace.connection,
    };
    purged.fill(&mut db, CONTACTS).await;
    let neighbour = Filled::neighbour();
    neighbour.fill(&mut db, 2_000).await;
    let untouched = neighbour.fingerprint(&mut db).await;
    purged.stand_still(&mut db).await;
    let before = held(&mut db, purged.connection).await;
    let records: u64 = ["sync.contacts", "sync.conversations", "sync.parts"]
        .iter()
        .map(|table| before[*table])
        .sum();
    assert!(records >= 100_000, "{before:?}");

    let request = DisconnectRequest {
        connection_id: purged.connection.to_string(),
    };
    let closed = deployment.tenant().vault().disconnect(request).await;
    assert_eq!(
        closed.unwrap().into_inner().state(),
        ConnectionState::Disconnecting
    );
    for service in ["sync", "scoring"] {
        let counted = erasing(&mut db, service).await;
        deployment.service(service).kill().await.unwrap();
        let all = of_service(&before, service).values().sum();
        assert!(
            counted < all,
            "{service} was killed when {counted} of {all} were gone"
        );
    }
    deployment.mend().await.unwrap();
    let erasure = finished(&deployment, purged.connection).await;

    for service in SERVICES {
        let receipt = receipt(&erasure, service);
        assert_eq!(receipt, of_service(&before, service), "{service}");
    }
    let bus = receipt(&erasure, "bus");
    let messages = [Stream::Webhook, Stream::Record, Stream::Signal];
    assert!(
        messages.iter().all(|stream| bus[stream.name()] > 0),
        "{bus:?}"
    );
    nothing_is_left(&mut db, &deployment, purged.connection).await;
    assert_eq!(neighbour.fingerprint(&mut db).await, untouched);
    assert!(deployment.panics().is_empty());
}

/// Waits until nothing is on its way to the bus.
async fn quiet(db: &mut PgConnection) {
    for service in ["vault", "sync", "scoring"] {
        until_zero(db, &format!("SELECT count(*) FROM {service}.outbox")).await;
    }
    // What the edge counted is written about once a second.
    sleep(Duration::from_secs(2)).await;
}

async fn until_zero(db: &mut PgConnection, statement: &str) {
    while count(db, statement).await > 0 {
        sleep(Duration::from_millis(50)).await;
    }
}

async fn count(db: &mut PgConnection, statement: &str) -> u64 {
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()))
        .fetch_one(db)
        .await
        .unwrap();
    count.unsigned_abs()
}

/// Waits until a service has begun to erase; how many rows are gone.
async fn erasing(db: &mut PgConnection, service: &str) -> u64 {
    let statement = format!("SELECT coalesce(sum(count), 0)::bigint FROM {service}.erased_counts");
    loop {
        let counted = count(db, &statement).await;
        if counted > 0 {
            return counted;
        }
        sleep(Duration::from_millis(2)).await;
    }
}

/// Rows of a connection by table, in every table of every schema that has a column for it.
async fn held(db: &mut PgConnection, connection: ConnectionId) -> BTreeMap<String, u64> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_schema || '.' || table_name, column_name::text FROM information_schema.columns
         WHERE table_schema IN ('vault', 'ingress', 'sync', 'scoring') AND column_name LIKE '%connection_id'",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    let mut held = BTreeMap::new();
    for (table, column) in columns {
        let id = connection.as_uuid();
        let statement = format!("SELECT count(*) FROM {table} WHERE {column} = '{id}'");
        held.insert(table, count(db, &statement).await);
    }
    for table in ["sync.run_log", "sync.gaps"] {
        held.insert(table.to_owned(), 0);
    }
    held
}

fn of_service(held: &BTreeMap<String, u64>, service: &str) -> BTreeMap<String, u64> {
    let prefix = format!("{service}.");
    let own = held.iter().filter(|(table, _)| {
        table.starts_with(&prefix) && !TOMBSTONES.contains(&table.as_str())
            // Counted by the rails, and for them.
            && !table.ends_with(".erased_counts")
    });
    own.map(|(table, count)| (table.clone(), *count)).collect()
}

async fn finished(deployment: &Deployment, connection: ConnectionId) -> Erasure {
    let connection_id = connection.to_string();
    eventually("the connection is purged", || async {
        let request = GetConnectionRequest {
            connection_id: connection_id.clone(),
        };
        let found = deployment
            .tenant()
            .vault()
            .get_connection(request)
            .await
            .ok()?;
        (found.into_inner().state() == ConnectionState::Purged).then_some(())
    })
    .await;
    let request = GetErasureRequest { connection_id };
    let erasure = deployment.tenant().vault().get_erasure(request).await;
    erasure.unwrap().into_inner()
}

fn receipt(erasure: &Erasure, service: &str) -> BTreeMap<String, u64> {
    let receipt = erasure.receipts.iter().find(|it| it.service == service);
    let receipt = receipt.unwrap_or_else(|| panic!("{service} gave no receipt: {erasure:?}"));
    let erased = receipt.erased.iter();
    erased.map(|one| (one.place.clone(), one.count)).collect()
}

/// Looks through every row of every table, and every subject of every stream, for ids and content.
async fn nothing_is_left(db: &mut PgConnection, deployment: &Deployment, connection: ConnectionId) {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables
         WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    assert!(tables.len() > 40, "{tables:?}");
    let (id, uuid) = (connection.to_string(), connection.as_uuid());
    let ids = [
        id.clone(),
        uuid.to_string(),
        uuid.simple().to_string(),
        hex::encode(&id),
    ];
    let content = [CANARY.to_owned(), hex::encode(CANARY)];
    for table in tables {
        let is_tombstone = TOMBSTONES.contains(&table.as_str()) || table == "ingress.erased_counts";
        let wanted = content.iter().chain(ids.iter().filter(|_| !is_tombstone));
        let conditions: Vec<String> = wanted
            .map(|text| format!("r::text LIKE '%{text}%'"))
            .collect();
        let statement = format!(
            "SELECT count(*) FROM {table} AS r WHERE {}",
            conditions.join(" OR ")
        );
        assert_eq!(count(db, &statement).await, 0, "{table} still speaks of it");
    }
    let client = deployment.nats.nats_client().await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    for stream in Stream::ALL {
        let stream = jetstream.get_stream(stream.name()).await.unwrap();
        let mut subjects = stream.info_with_subjects(">").await.unwrap();
        while let Some(subject) = subjects.next().await {
            let (subject, _) = subject.unwrap();
            assert!(!subject.contains(&id), "{subject}");
        }
    }
}
