//! A token given to the vault is found nowhere but sealed.

use harken_contracts::wire::sync::v1::RunState;
use harken_contracts::wire::vault::v1::ConnectWithTokenRequest;

use crate::browser::provide_crypto;
use crate::client::Client;
use crate::collector::Collector;
use crate::haystack::{collect, contains, dump, forms};
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
    collect(&house.folder().join(".harken"), &[], &mut bus);
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
