use std::pin::pin;

use futures::StreamExt as _;
use harken_bus::{BusConfig, ConnectError, WatchFrom};
use harken_contracts::subjects;
use harken_testkit::{Link, TestBus, eventually, nats_url};

use crate::house::{Working, company, done, spec};

#[tokio::test]
async fn consumers_and_watches_go_on_when_the_server_comes_back() {
    let (link, url) = Link::to(&nats_url()).await;
    let bus = TestBus::open_at(url).await;
    let watched = bus
        .watch(vec![subjects::all_records()], WatchFrom::New)
        .await
        .unwrap();
    let mut watched = pin!(watched);
    let working = Working::start(&bus, spec(), done);
    let elsewhere = bus.elsewhere(nats_url()).await;
    elsewhere.publish(company("before")).await.unwrap();
    working.has_seen(1).await;

    link.cut();
    eventually("the break is noticed", async || bus.ping().await.is_err()).await;
    assert!(
        bus.publish(company("lost")).await.is_err(),
        "nobody confirms"
    );
    elsewhere.publish(company("meanwhile")).await.unwrap();
    link.mend().await;
    eventually("the server is back", async || bus.ping().await.is_ok()).await;

    bus.publish(company("after")).await.unwrap();
    eventually("it is taken", async || {
        working.handler.counts().contains_key("after")
    })
    .await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|id| id != "after") {
        seen.push(watched.next().await.unwrap().message_id);
    }
    assert_eq!(seen[..2], ["before", "meanwhile"], "without gap");
    working.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_there_is_told() {
    let config = BusConfig::local("nats://127.0.0.1:1");
    let error = harken_bus::Bus::connect(config).await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable(_)), "{error:?}");
}
