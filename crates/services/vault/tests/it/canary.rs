use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use harken_contracts::wire::vault::v1 as proto;

use crate::harness::House;
use crate::intercom::Fault;

const CANARY: &str = "dG9rOmNhbmFyeS1uZXZlci1zZWVuLWFnYWlu";

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
    assert!(tables.len() > 10, "{tables:?}");
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

/// The canary as it may hide: raw or in base64 at each of three offsets, and each of these in hexadecimal.
fn disguises() -> Vec<String> {
    let mut disguises = vec![CANARY.to_owned()];
    for offset in 0..3 {
        let padded = [&vec![0; offset][..], CANARY.as_bytes()].concat();
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
async fn a_token_is_found_nowhere_but_sealed() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .try_init()
        .unwrap();

    let house = House::open().await;
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
    let rows = dump(&house).await;
    house.intercom.kill(CANARY);
    let broken = house
        .call(&acme, &connection, "/contacts")
        .await
        .unwrap_err();
    let errors = format!("{twice:?} {malformed:?} {broken:?}");
    let after = dump(&house).await;
    house.close().await;

    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let log = String::from_utf8_lossy(&log).into_owned();
    assert!(log.contains("connection closed"), "the log was captured");
    assert!(rows.contains("ws1"), "the dump was taken");
    for disguise in disguises() {
        for (place, text) in [
            ("log", &log),
            ("tables", &rows),
            ("tables", &after),
            ("errors", &errors),
        ] {
            assert!(!text.contains(&disguise), "the token is in the {place}");
        }
    }
}
