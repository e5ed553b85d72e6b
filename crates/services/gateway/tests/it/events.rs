use std::time::Duration;

use harken_bus::Outgoing;
use harken_contracts::events::Event;
use harken_contracts::wire::events::v1::record_change::Record;
use harken_contracts::wire::events::v1::{
    ConnectionClosed, ConnectionErased, KindProgress, RecordCause, RecordChanged, RunProgressed,
};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_domain::{ConnectionId, OrganizationId, Role};
use reqwest::{Method, Response};
use tokio::time::timeout;

use harken_testkit::records;

use crate::fakes::{connection_id, customer_id, organization_id};
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

async fn publish(house: &House, event: &impl Event) {
    let outgoing = Outgoing::of(format!("{:016x}", rand::random::<u64>()), event).unwrap();
    house.bus.publish(outgoing).await.unwrap();
}

/// Publishes until the gateway hears it: nobody tells when its watch stands.
async fn publish_until(house: &House, event: &impl Event, heard: impl Future) {
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
async fn who_watches_hears_that_a_connection_is_being_erased_and_by_whom() {
    let house = House::open().await;
    let mut stream = Stream::open(&house, None).await;
    let closed = ConnectionClosed {
        connection_id: connection_id().to_string(),
        organization_id: organization_id().to_string(),
        on_disconnect: OnDisconnect::Purge.into(),
        ..ConnectionClosed::default()
    };
    let disconnecting = "\"state\":\"disconnecting\"";
    publish_until(&house, &closed, stream.until(disconnecting)).await;
    let erased = ConnectionErased {
        connection_id: connection_id().to_string(),
        organization_id: organization_id().to_string(),
        service: "scoring".to_owned(),
        ..ConnectionErased::default()
    };
    publish(&house, &erased).await;
    let read = stream.until("\"erased_by\":\"scoring\"").await;
    assert!(read.contains("event: connection"), "{read}");
    assert!(!read.contains("\"disconnected\""), "{read}");
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

fn conversation_changed(causes: &[RecordCause]) -> RecordChanged {
    let mut changed = records::changed(
        organization_id(),
        connection_id(),
        causes
            .iter()
            .map(|_| {
                let mut conversation =
                    records::conversation(connection_id(), "2100", customer_id());
                conversation.title = Some("words of a customer".to_owned());
                Record::Conversation(conversation)
            })
            .collect(),
    );
    for (change, cause) in changed.changes.iter_mut().zip(causes) {
        change.cause = (*cause).into();
    }
    changed
}

/// The id that stands with the last event named `name`.
fn id_of(read: &str, name: &str) -> String {
    let events = read.split_terminator("\n\n");
    let event = events
        .filter(|event| event.contains(&format!("event: {name}\n")))
        .last()
        .unwrap();
    let id = event.lines().find_map(|line| line.strip_prefix("id: "));
    id.unwrap().to_owned()
}

#[tokio::test]
async fn records_are_told_by_the_products_names_and_without_content() {
    let house = House::open().await;
    let mut stream = Stream::open(&house, None).await;
    let causes = [
        RecordCause::ConversationReopened,
        RecordCause::Imported,
        RecordCause::ConversationPartCreated,
    ];
    let changed = conversation_changed(&causes);
    publish_until(&house, &changed, stream.until("conversation_part.created")).await;
    let read = stream.read.clone();
    assert!(read.contains("event: conversation.reopened"), "{read}");
    assert!(read.contains("\"status\":\"open\""), "{read}");
    assert!(!read.contains("words of a customer"));
    assert_eq!(
        read.matches("event: ").count() % 2,
        0,
        "an import is no event: {read}"
    );
}

#[tokio::test]
async fn who_comes_back_misses_nothing_of_either_stream() {
    let house = House::open().await;
    let mut first = Stream::open(&house, None).await;
    let begun = progressed(organization_id(), connection_id(), 1);
    publish_until(&house, &begun, first.until("\"done\":1,")).await;
    let here = id_of(&first.read, "run");
    drop(first);
    publish(
        &house,
        &conversation_changed(&[RecordCause::ConversationClosed]),
    )
    .await;
    publish(&house, &progressed(organization_id(), connection_id(), 77)).await;

    let mut second = Stream::open(&house, Some(&here)).await;
    second.until("\"done\":77").await;
    second.until("conversation.closed").await;
    assert!(!second.read.contains("event: reset"), "{}", second.read);

    // Behind the record alone: the run comes again, the record does not.
    let record = id_of(&second.read, "conversation.closed");
    let signals = here.split('-').next().unwrap();
    let behind = format!("{signals}-{}", record.split('-').nth(1).unwrap());
    let mut third = Stream::open(&house, Some(&behind)).await;
    third.until("\"done\":77").await;
    assert!(!third.read.contains("conversation.closed"));
}

#[tokio::test]
async fn who_was_cut_off_within_a_message_gets_all_of_it_again() {
    let house = House::open().await;
    let mut first = Stream::open(&house, None).await;
    let two = [
        RecordCause::ConversationAssigned,
        RecordCause::ConversationClosed,
    ];
    publish_until(
        &house,
        &conversation_changed(&two),
        first.until("conversation.closed"),
    )
    .await;
    let half = id_of(&first.read, "conversation.assigned");
    let mut second = Stream::open(&house, Some(&half)).await;
    second.until("conversation.assigned").await;
    second.until("conversation.closed").await;
}
