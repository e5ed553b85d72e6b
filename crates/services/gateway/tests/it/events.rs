use std::time::Duration;

use harken_bus::Outgoing;
use harken_contracts::wire::events::v1::{KindProgress, RunProgressed};
use harken_domain::{ConnectionId, OrganizationId, Role};
use reqwest::{Method, Response};
use tokio::time::timeout;

use crate::fakes::{connection_id, organization_id};
use crate::house::House;

const AT_MOST: Duration = Duration::from_mins(1);

/// A stream of events, read as it comes.
struct Stream {
    response: Response,
    read: String,
}

impl Stream {
    async fn open(house: &House, after: Option<&str>) -> Self {
        let browser = house.signed_in(Role::Viewer);
        let mut request = browser.request(Method::GET, "/api/v1/events");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self {
            response,
            read: String::new(),
        };
        stream.until("listening").await;
        stream
    }

    async fn until(&mut self, part: &str) -> &str {
        let reading = async {
            while !self.read.contains(part) {
                let chunk = self
                    .response
                    .chunk()
                    .await
                    .unwrap()
                    .expect("the stream goes on");
                self.read.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        timeout(AT_MOST, reading)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {part}"));
        &self.read
    }
}

fn progressed(organization: OrganizationId, connection: ConnectionId, done: u64) -> RunProgressed {
    RunProgressed {
        connection_id: connection.to_string(),
        organization_id: organization.to_string(),
        run_id: "run_1".to_owned(),
        kinds: vec![KindProgress {
            done,
            ..KindProgress::default()
        }],
        ..RunProgressed::default()
    }
}

async fn publish(house: &House, event: &RunProgressed) {
    let outgoing = Outgoing::of(format!("{:016x}", rand::random::<u64>()), event).unwrap();
    house.bus.publish(outgoing).await.unwrap();
}

/// Publishes until the gateway hears it: nobody tells when its watch stands.
async fn publish_until(house: &House, event: &RunProgressed, heard: impl Future) {
    let publishing = async {
        loop {
            publish(house, event).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = publishing => {}
        _ = heard => {}
    }
}

#[tokio::test]
async fn progress_reaches_who_watches_and_nobody_else() {
    let house = House::open().await;
    let mut stream = Stream::open(&house, None).await;
    let theirs = progressed(
        OrganizationId::derive(&[b"theirs"]),
        ConnectionId::derive(&[b"x"]),
        666,
    );
    publish(&house, &theirs).await;
    let ours = progressed(organization_id(), connection_id(), 41);
    publish_until(&house, &ours, stream.until("\"done\":41")).await;
    publish(&house, &theirs).await;
    publish(&house, &progressed(organization_id(), connection_id(), 42)).await;
    let read = stream.until("\"done\":42").await;
    assert!(read.contains("event: run"), "{read}");
    assert!(!read.contains("666"), "{read}");
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed() {
    let house = House::open().await;
    let mut first = Stream::open(&house, None).await;
    let begun = progressed(organization_id(), connection_id(), 1);
    publish_until(&house, &begun, first.until("\"done\":1,")).await;
    let id = first
        .read
        .rsplit("id: ")
        .next()
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned();
    publish(&house, &progressed(organization_id(), connection_id(), 77)).await;
    first.until("\"done\":77").await;
    drop(first);

    let mut second = Stream::open(&house, Some(&id)).await;
    assert!(!second.until("\"done\":77").await.contains("event: reset"));
}

#[tokio::test]
async fn strangers_hear_nothing() {
    let house = House::open().await;
    assert_eq!(house.browser().get("/api/v1/events").await.status, 401);
}
