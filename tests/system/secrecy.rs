//! A token given to the vault is found nowhere but sealed.

use std::fs;
use std::path::Path;

use harken_contracts::wire::sync::v1::RunState;
use harken_contracts::wire::vault::v1::ConnectWithTokenRequest;

use crate::browser::provide_crypto;
use crate::client::Client;
use crate::collector::Collector;
use crate::house::House;

/// A private token of the simulated workspace: the canary.
const TOKEN: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";

#[tokio::test]
async fn a_token_is_found_in_no_table_message_log_metric_or_trace() {
    provide_crypto();
    let collector = Collector::open().await;
    let endpoint = collector.endpoint().to_owned();
    let flags = ["--contacts", "50", "--conversations", "100"];
    let environment = [
        ("HARKEN_OTLP_ENDPOINT", endpoint.as_str()),
        ("HARKEN_LOG", "trace"),
    ];
    let mut house = House::open_with(&flags, &environment).await;
    let client = Client::of(&house);
    let request = ConnectWithTokenRequest {
        access_token: TOKEN.to_owned(),
        ..ConnectWithTokenRequest::default()
    };
    let connection = client
        .vault()
        .connect_with_token(request)
        .await
        .unwrap()
        .into_inner();
    let run = client.ended_run(&connection.connection_id).await;
    assert_eq!(run.state(), RunState::Complete, "{run:?}");

    let metrics = reqwest::get(format!("{}/metrics", house.ready().ops))
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(contains(&metrics, b"harken_"), "metrics are told");
    let log = house.log().into_bytes();
    assert!(!log.is_empty());
    let database = dump(&house).await;
    assert!(
        contains(&database, b"Northwind Cloud"),
        "the dump holds the connection"
    );
    house.stop().await;
    let traces = collector.received();
    assert!(!traces.is_empty(), "traces were exported");

    let mut places = vec![
        ("metrics", metrics.to_vec()),
        ("log", log),
        ("database", database),
        ("traces", traces),
    ];
    let mut bus = Vec::new();
    collect(&house.folder().join(".harken"), &mut bus);
    assert!(
        contains(&bus, b"harken.record.v1."),
        "the state folder holds the bus"
    );
    places.push(("state folder", bus));
    for (place, bytes) in &places {
        for canary in forms(TOKEN) {
            assert!(
                !contains(bytes, canary.as_bytes()),
                "the token is in the {place} as {canary}"
            );
        }
    }
}

/// The token as it would look raw, escaped, or in base64 at any of the three offsets.
fn forms(token: &str) -> Vec<String> {
    let mut forms = vec![token.to_owned(), hex::encode(token)];
    for offset in 0..3 {
        let padded = format!("{}{token}", &"..."[..offset]);
        let encoded = base64(padded.as_bytes());
        // The first and last characters depend on the neighbours.
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Every row of every schema, as text.
async fn dump(house: &House) -> Vec<u8> {
    let url = house.database_url();
    let output = tokio::process::Command::new(pg_dump())
        .arg("--dbname")
        .arg(url)
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The newest `pg_dump`, as an older one refuses a newer server.
fn pg_dump() -> String {
    let mut versions: Vec<u32> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    versions.last().map_or_else(
        || "pg_dump".to_owned(),
        |version| format!("/usr/lib/postgresql/{version}/bin/pg_dump"),
    )
}

fn collect(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, bytes);
        } else if let Ok(content) = fs::read(&path) {
            bytes.extend(content);
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[test]
fn the_search_finds_a_token_in_each_of_its_forms() {
    for prefix in ["", "x", "xy"] {
        let told = base64(format!("{prefix}{TOKEN}tail").as_bytes());
        assert!(
            forms(TOKEN).iter().any(|form| told.contains(form)),
            "{prefix}"
        );
    }
}
