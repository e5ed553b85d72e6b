use std::pin::pin;

use futures::StreamExt as _;
use harken_bus::{WatchError, WatchFrom};
use harken_contracts::subjects::{self, Stream as KeptStream};
use harken_testkit::TestBus;

use crate::house::company;

#[tokio::test]
async fn a_watch_from_now_sees_what_comes_after_it_stands() {
    let bus = TestBus::open().await;
    bus.publish(company("before")).await.unwrap();
    let watched = bus
        .watch(vec![subjects::all_records()], WatchFrom::New)
        .await
        .unwrap();
    let mut watched = pin!(watched);
    bus.publish(company("after")).await.unwrap();
    assert_eq!(watched.next().await.unwrap().message_id, "after");
}

#[tokio::test]
async fn a_stream_tells_its_place() {
    let bus = TestBus::open().await;
    assert_eq!(bus.position(KeptStream::Record).await.unwrap(), 0);
    bus.publish(company("acme")).await.unwrap();
    assert_eq!(bus.position(KeptStream::Record).await.unwrap(), 1);
}

#[tokio::test]
async fn a_watch_goes_on_behind_a_message() {
    let bus = TestBus::open().await;
    let first = bus.publish(company("first")).await.unwrap();
    bus.publish(company("second")).await.unwrap();
    let from = WatchFrom::After(first.sequence);
    let watched = bus
        .watch(vec![subjects::all_records()], from)
        .await
        .unwrap();
    assert_eq!(pin!(watched).next().await.unwrap().message_id, "second");
}

#[tokio::test]
async fn one_watch_does_not_span_streams() {
    let bus = TestBus::open().await;
    let filters = vec![subjects::all_records(), subjects::all_scores()];
    let refused = bus.watch(filters, WatchFrom::New).await.err();
    assert!(matches!(refused, Some(WatchError::Subjects)), "{refused:?}");
}
