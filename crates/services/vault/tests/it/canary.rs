use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harken_contracts::wire::vault::v1 as proto;

use crate::harness::House;
use crate::intercom::Fault;

const CANARY: &str = "dG9rOmNhbmFyeS1uZXZlci1zZWVuLWFnYWlu";
/// Webhook secrets: one that is replaced, the one that replaces it, and those of the deployment's app.
const WEBHOOK_CANARIES: [&str; 4] = [
    "hook-canary-0001-replaced-by-another",
    "hook-canary-0002-the-present-one-here",
    "hook-canary-0003-of-the-deployments-app",
    "hook-canary-0004-of-the-app-before-that",
];

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every row of every table as text; bytes are in hexadecimal.
async fn dump(house: &House) -> String {
    let mut owner = house.owner().await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'vault'")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert!(tables.len() > 12, "{tables:?}");
    let mut dump = String::new();
    for table in tables {
        let statement = sqlx::AssertSqlSafe(format!("SELECT t::text FROM vault.{table} t"));
        let rows: Vec<String> = sqlx::query_scalar(statement)
            .fetch_all(&mut owner)
            .await
            .unwrap();
        dump += &rows.join("\n");
    }
    dump
}

/// A canary as it may hide: raw or in base64 at each of three offsets, and each of these in hexadecimal.
fn disguises(canary: &str) -> Vec<String> {
    let mut disguises = vec![canary.to_owned()];
    for offset in 0..3 {
        let padded = [&vec![0; offset][..], canary.as_bytes()].concat();
        let standard = STANDARD.encode(&padded);
        let url_safe = URL_SAFE_NO_PAD.encode(&padded);
        // The ends mix with what stands beside.
        disguises.extend([standard, url_safe].map(|text| text[4..text.len() - 4].to_owned()));
    }
    let hexadecimal: Vec<String> = disguises.iter().map(hex::encode).collect();
    disguises.extend(hexadecimal);
    disguises
}

#[tokio::test]
async fn secrets_are_found_nowhere_but_sealed() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .try_init()
        .unwrap();

    let [replaced, present, of_deployment, before_that] = WEBHOOK_CANARIES;
    let house = House::open_with(|environment| {
        environment
            .with("HARKEN_INTERCOM_CLIENT_SECRET", of_deployment)
            .with("HARKEN_INTERCOM_PREVIOUS_CLIENT_SECRET", before_that)
    });
    let house = Box::pin(house).await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, CANARY, "ws1").await.unwrap();
    house
        .intercom
        .fail_next("/contacts", Fault::Status(500, "server_error"));
    house.call(&acme, &connection, "/contacts").await.unwrap();
    let request = proto::TestConnectionRequest {
        connection_id: connection.connection_id.clone(),
    };
    house.vault(&acme).test_connection(request).await.unwrap();
    let twice = house.connect(&acme, CANARY, "ws1").await.unwrap_err();
    let malformed = proto::TestTokenRequest {
        access_token: format!("{CANARY} {CANARY}"),
    };
    let malformed = house.vault(&acme).test_token(malformed).await.unwrap_err();
    let id = connection.connection_id.as_str();
    for secret in [replaced, present, present] {
        let set = house.set_webhook_secret(&acme, id, secret, None).await;
        set.unwrap();
    }
    let two_lines = format!("{replaced}\n{present}");
    let unsound = house.set_webhook_secret(&acme, id, &two_lines, None).await;
    let unsound = unsound.unwrap_err();
    let late = house.set_webhook_secret(&acme, id, present, Some(u64::MAX));
    let late = late.await.unwrap_err();
    assert_eq!(
        (house.keys(id).await.len(), house.keys("").await.len()),
        (2, 2)
    );
    let drill = proto::OpenSyntheticConnectionRequest {
        label: "drill".to_owned(),
    };
    let drill = house.vault(&acme).open_synthetic_connection(drill).await;
    let drill = drill.unwrap().into_inner().webhook_secret;
    let rows = dump(&house).await;
    house.intercom.kill(CANARY);
    let broken = house
        .call(&acme, &connection, "/contacts")
        .await
        .unwrap_err();
    let errors = format!("{twice:?} {malformed:?} {broken:?} {unsound:?} {late:?}");
    let after = dump(&house).await;
    house.close().await;

    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let log = String::from_utf8_lossy(&log).into_owned();
    assert!(log.contains("connection closed"), "the log was captured");
    assert!(rows.contains("ws1"), "the dump was taken");
    let canaries = WEBHOOK_CANARIES.into_iter().chain([CANARY, &drill]);
    for disguise in canaries.flat_map(disguises) {
        for (place, text) in [
            ("log", &log),
            ("tables", &rows),
            ("tables", &after),
            ("errors", &errors),
        ] {
            assert!(!text.contains(&disguise), "a secret is in the {place}");
        }
    }
}
