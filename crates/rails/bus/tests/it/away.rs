use std::pin::pin;

use futures::StreamExt as _;
use harken_bus::{Bus, BusConfig, ConnectError, Profile, PublishError, WatchFrom};
use harken_contracts::subjects;
use harken_testkit::{Link, TestBus, eventually, nats_url};

use crate::house::{Working, company, done, server, spec};

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

#[tokio::test]
async fn a_publish_to_a_server_that_hangs_ends_by_our_own_timeout() {
    let (link, url) = Link::to(&nats_url()).await;
    let bus = TestBus::open_at(url).await;
    link.hold();
    let publishing = bus.publish_all((0..3).map(|n| company(&format!("c{n}"))).collect());
    for outcome in publishing.await {
        assert!(
            matches!(outcome, Err(PublishError::TimedOut)),
            "{outcome:?}"
        );
    }
    assert!(
        bus.ping().await.is_err(),
        "readiness notices a server that hangs"
    );
    link.release();
    let again = bus.publish(company("c0")).await.unwrap();
    assert!(again.duplicate, "what was sent before is stored once");
}

#[tokio::test]
async fn the_production_profile_does_not_start_on_one_server() {
    let config = BusConfig {
        prefix: format!("t{:08x}.", rand::random::<u32>()),
        profile: Profile::Production,
        ..BusConfig::local(nats_url())
    };
    let refused = Bus::connect(config).await.unwrap_err();
    let told = refused.to_string();
    assert!(matches!(refused, ConnectError::Stream(_)), "{refused:?}");
    assert!(
        told.contains("a cluster of at least three servers"),
        "{told}"
    );
}

#[tokio::test]
async fn a_stream_whose_limits_were_changed_gets_them_back() {
    let bus = TestBus::open().await;
    let jetstream = async_nats::jetstream::new(server().await);
    let name = format!("{}HARKEN_RECORD", bus.config().prefix.replace('.', "_"));
    let mut config = jetstream
        .get_stream(&name)
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    let wanted = config.clone();
    config.max_age = std::time::Duration::from_hours(1);
    jetstream.update_stream(&config).await.unwrap();
    bus.another().await;
    let kept = jetstream
        .get_stream(&name)
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    assert_eq!(kept.max_age, wanted.max_age);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_there_is_told() {
    let config = BusConfig::local("nats://127.0.0.1:1");
    let error = Bus::connect(config).await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable(_)), "{error:?}");
}
