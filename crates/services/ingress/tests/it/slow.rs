use std::time::Duration;

use tokio::task::JoinSet;

use crate::client::{Client, request, signature};
use crate::harness::{House, PATH, SECRET, WORKSPACE, notification};

/// Sends all but the end of a request, byte by byte, until the connection is cut.
async fn drip(address: std::net::SocketAddr, head: Vec<u8>, slowly: Vec<u8>) {
    let mut client = Client::connect(address).await;
    client.send(&head).await;
    let drip = async {
        let mut pieces = slowly.chunks(1).cycle();
        let (mut read, mut write) = client.split();
        loop {
            tokio::select! {
                () = crate::client::ended(&mut read) => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {
                    crate::client::write(&mut write, pieces.next().unwrap()).await;
                }
            }
        }
    };
    drip.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_and_real_traffic_is_unharmed() {
    let house = House::open().await;
    let mut slow = JoinSet::new();
    for number in 0..300 {
        let (head, slowly) = match number % 3 {
            0 => (Vec::new(), b"POST / HTTP/1.1\r\n".to_vec()),
            1 => (
                format!("POST {PATH} HTTP/1.1\r\nHost: x\r\n").into_bytes(),
                b"X: y\r\n".to_vec(),
            ),
            _ => (
                format!("POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
                    .into_bytes(),
                b" ".to_vec(),
            ),
        };
        slow.spawn(drip(house.address, head, slowly));
    }
    let mut taken = 0;
    while !slow.is_empty() {
        let reply = house
            .post(&notification(WORKSPACE, &format!("notif_{taken}")))
            .await;
        assert_eq!(reply.stored(), Some("stream"));
        taken += 1;
        while let Some(cut) = slow.try_join_next() {
            cut.unwrap();
        }
    }
    assert!(taken > 10);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_shows_out_who_has_been_sending_for_longest() {
    let house = House::open_with(|config| harken_ingress::Config {
        connections: 20,
        ..config
    });
    let house = Box::pin(house).await;
    let mut slow = JoinSet::new();
    for _ in 0..60 {
        slow.spawn(drip(
            house.address,
            Vec::new(),
            b"POST / HTTP/1.1\r\n".to_vec(),
        ));
    }
    let body = notification(WORKSPACE, "notif_1");
    let signature = signature(SECRET, &body);
    let mut client = Client::connect(house.address).await;
    client
        .send(&request(
            "POST",
            PATH,
            &[("X-Hub-Signature", &signature)],
            &body,
        ))
        .await;
    assert_eq!(client.reply().await.unwrap().stored(), Some("stream"));
    assert!(!slow.is_empty());
    while let Some(cut) = slow.join_next().await {
        cut.unwrap();
    }
    house.close().await;
}
