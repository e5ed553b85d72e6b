//! Requests that two readers could take for different ones. Each is refused or ends its connection; what hides in it is
//! never taken for a request.

use crate::cases;
use crate::client::{Client, signature};
use crate::harness::{House, PATH, SECRET, WORKSPACE, notification};

/// A whole, rightly signed request, hidden in another.
fn hidden() -> Vec<u8> {
    let body = notification(WORKSPACE, "notif_hidden");
    let signature = signature(SECRET, &body);
    let headers = [("X-Hub-Signature", signature.as_str())];
    crate::client::request("POST", PATH, &headers, &body)
}

#[tokio::test]
async fn nothing_is_smuggled_in() {
    let house = House::open().await;
    for (name, bytes) in cases::all(&hidden()) {
        let mut client = Client::connect(house.address).await;
        client.send(&bytes).await;
        if let Some(reply) = client.reply().await {
            assert!(
                matches!(reply.status, 400 | 401 | 404 | 405 | 413 | 414 | 431),
                "{name}: {}",
                reply.status
            );
            assert_eq!(reply.stored(), None, "{name}");
            assert!(
                client.ends().await,
                "{name}: goes on after {}",
                reply.status
            );
        }
    }
    assert_eq!(house.in_stream().await, 0, "something was smuggled in");
    // The hidden request is a right one where it is not hidden.
    let mut client = Client::connect(house.address).await;
    client.send(&hidden()).await;
    assert_eq!(client.reply().await.unwrap().stored(), Some("stream"));
    house.close().await;
}

#[tokio::test]
async fn a_notification_in_chunks_is_taken_and_ends_its_connection() {
    let house = House::open().await;
    let body = notification(WORKSPACE, "notif_1");
    let signature = signature(SECRET, &body);
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Hub-Signature: {signature}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let mut bytes = head.into_bytes();
    for piece in body.chunks(7) {
        bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let mut client = Client::connect(house.address).await;
    client.send(&bytes).await;
    let reply = client.reply().await.unwrap();
    assert_eq!(
        (reply.status, reply.header("connection")),
        (200, Some("close"))
    );
    assert_eq!(&house.streamed(1).await[0].1.body[..], &body[..]);
    house.close().await;
}
