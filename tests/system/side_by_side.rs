//! Two checkouts on one machine know nothing of each other.

use harken_contracts::wire::vault::v1::ListConnectionsRequest;
use tonic::Code;

use crate::client::Client;
use crate::connecting::connect;
use crate::house::House;

#[tokio::test]
async fn two_houses_stand_side_by_side() {
    let flags = ["--contacts", "20", "--conversations", "20"];
    let (mut left, mut right) = tokio::join!(House::open(&flags), House::open(&flags));
    connect(&left).await;
    let answer = Client::of(&right)
        .vault()
        .list_connections(ListConnectionsRequest {})
        .await
        .unwrap();
    assert!(answer.into_inner().connections.is_empty());
    assert!(
        !Client::of(&left)
            .connection()
            .await
            .connection_id
            .is_empty()
    );

    let stranger = Client::with_key(&right.ready().grpc, &key_of(&left));
    let refused = stranger
        .vault()
        .list_connections(ListConnectionsRequest {})
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);

    left.stop().await;
    assert!(!right.family().is_empty());
    right.stop().await;
}

fn key_of(house: &House) -> String {
    let text = std::fs::read_to_string(house.folder().join(".harken/client.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["api_key"].as_str().unwrap().to_owned()
}
