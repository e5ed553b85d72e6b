use bytes::Bytes;
use futures::StreamExt as _;
use harken_bus::{MAX_PAYLOAD_BYTES, Outgoing, PublishError, WatchFrom};
use harken_contracts::subjects::{self, Stream};
use harken_testkit::TestBus;

use crate::house::{company, connection};

#[tokio::test]
async fn a_message_published_twice_is_stored_once() {
    let bus = TestBus::open().await;
    let first = bus.publish(company("acme")).await.unwrap();
    let second = bus.publish(company("acme")).await.unwrap();
    assert!(!first.duplicate);
    assert!(second.duplicate);
    assert_eq!(first.sequence, second.sequence);
}

#[tokio::test]
async fn messages_published_together_are_stored_in_order() {
    let bus = TestBus::open().await;
    let names: Vec<_> = (0..200).map(|number| format!("c{number}")).collect();
    let stored = bus
        .publish_all(names.iter().map(|name| company(name)).collect())
        .await;
    let sequences: Vec<_> = stored
        .into_iter()
        .map(|stored| stored.unwrap().sequence)
        .collect();
    assert!(sequences.is_sorted());
}

#[tokio::test]
async fn a_payload_of_the_largest_size_fits_and_a_larger_one_is_told_at_once() {
    let bus = TestBus::open().await;
    let sized = |bytes| Outgoing {
        payload: Bytes::from(vec![0; bytes]),
        ..company(&format!("{bytes}"))
    };
    assert!(bus.publish(sized(MAX_PAYLOAD_BYTES)).await.is_ok());
    let refused = bus.publish(sized(2 * MAX_PAYLOAD_BYTES)).await.unwrap_err();
    assert!(matches!(refused, PublishError::TooLarge), "{refused:?}");
}

#[tokio::test]
async fn a_full_stream_refuses_instead_of_hanging() {
    let bus = TestBus::open().await;
    let large = (0..40).map(|number| Outgoing {
        payload: Bytes::from(vec![0; MAX_PAYLOAD_BYTES]),
        ..company(&format!("large-{number}"))
    });
    let outcomes = bus.publish_all(large.collect()).await;
    assert!(outcomes[0].is_ok());
    let last = outcomes.last().unwrap();
    assert!(matches!(last, Err(PublishError::Refused(_))), "{last:?}");
}

#[tokio::test]
async fn two_buses_on_one_server_do_not_see_each_other() {
    let (mine, yours) = (TestBus::open().await, TestBus::open().await);
    mine.publish(company("mine")).await.unwrap();
    yours.publish(company("yours")).await.unwrap();
    let watched = yours
        .watch(vec![subjects::all_records()], WatchFrom::Beginning)
        .await
        .unwrap();
    let first = std::pin::pin!(watched).next().await.unwrap();
    assert_eq!(first.message_id, "yours");
    assert!(
        first.subject.as_str().starts_with("harken.record.v1."),
        "{}",
        first.subject
    );
}

#[tokio::test]
async fn a_purge_clears_one_connection_and_no_other() {
    let bus = TestBus::open().await;
    bus.publish(company("acme")).await.unwrap();
    let other = harken_domain::ConnectionId::derive(&[b"other"]);
    let counted = |counts: Vec<(Stream, u64)>| -> Vec<u64> {
        let streams: Vec<Stream> = counts.iter().map(|(stream, _)| *stream).collect();
        assert_eq!(streams, Stream::ALL);
        counts.into_iter().map(|(_, count)| count).collect()
    };
    assert_eq!(counted(bus.purge(other).await.unwrap()), [0; 5]);
    assert_eq!(
        counted(bus.held(connection()).await.unwrap()),
        [0, 1, 0, 0, 0]
    );
    assert_eq!(
        counted(bus.purge(connection()).await.unwrap()),
        [0, 1, 0, 0, 0]
    );
    assert_eq!(counted(bus.held(connection()).await.unwrap()), [0; 5]);
}
