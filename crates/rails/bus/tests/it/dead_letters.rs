use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use chrono::{DateTime, TimeDelta, Utc};
use harken_bus::{
    Bus, ConsumerSpec, DeadLetter, DeadLetterSelection, Disposition, Outgoing, headers,
};
use harken_contracts::subjects::{self, Stream};
use harken_domain::ConnectionId;
use harken_testkit::{TestBus, eventually, eventually_some};

use crate::house::{Working, company, connection, done, organization, server, spec};

fn ours() -> DeadLetterSelection {
    DeadLetterSelection {
        connections: vec![connection()],
        ..DeadLetterSelection::default()
    }
}

/// Lets each of these messages die of its own in a consumer.
async fn die(bus: &TestBus, names: &[String]) -> Vec<DeadLetter> {
    let outgoing = names.iter().map(|name| company(name)).collect();
    for stored in bus.publish_all(outgoing).await {
        stored.unwrap();
    }
    let working = Working::start(bus, spec(), |_| Disposition::dead("invalid", "it is wrong"));
    let dead = eventually_some("all are dead", async || {
        let dead = bus.dead_letters().list(&ours(), None, 1000).await.unwrap();
        (dead.len() == names.len()).then_some(dead)
    })
    .await;
    working.stop().await;
    dead
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("c{number:03}")).collect()
}

fn ids(letters: &[DeadLetter]) -> Vec<u64> {
    letters.iter().map(|letter| letter.id).collect()
}

/// A letter as `bury` leaves it, of another connection or service.
async fn bury(bus: &Bus, service: &str, reason: &str, connection: ConnectionId) {
    let mut letter = company("other");
    letter.subject = subjects::dead("x", "y", connection);
    let subject = letter
        .subject
        .as_str()
        .replace(".x.y.", &format!(".{service}.{reason}."));
    letter.subject = subjects::Subject::from_wire(subject);
    letter.message_id = format!("{service}.{reason}.{connection}");
    for (name, value) in &mut letter.headers {
        if name == headers::CONNECTION {
            *value = connection.to_string();
        }
    }
    for (name, value) in [
        ("subject", "harken.record.v1.x.company"),
        ("message", "m"),
        ("sequence", "1"),
        ("deliveries", "1"),
        ("consumer", service),
        ("reason", reason),
        ("error", "it is wrong"),
    ] {
        letter
            .headers
            .push((format!("harken-dead-{name}"), value.to_owned()));
    }
    bus.publish(letter).await.unwrap();
}

#[tokio::test]
async fn letters_are_read_newest_first_page_by_page() {
    let bus = TestBus::open().await;
    let names = numbered(600);
    let dead = die(&bus, &names).await;
    assert!(ids(&dead).is_sorted_by(|a, b| a > b), "newest first");
    let letter = &dead[0];
    assert_eq!(letter.organization, organization());
    assert_eq!(
        (
            letter.service.as_str(),
            letter.reason.as_str(),
            letter.error.as_str()
        ),
        ("house", "invalid", "it is wrong")
    );
    assert_eq!(letter.event_type, "record.v1.changed");
    assert_eq!(
        letter.size_bytes,
        company(&letter.message_id).payload.len() as u64
    );
    assert_eq!(letter.attempts, 1);

    let letters = bus.dead_letters();
    let (mut below, mut paged) = (None, Vec::new());
    loop {
        let page = letters.list(&ours(), below, 37).await.unwrap();
        let Some(last) = page.last() else { break };
        below = Some(last.id);
        paged.extend(page);
    }
    assert_eq!(paged, dead);
    assert_eq!(letters.count(&ours()).await.unwrap(), 600);
    let oldest = letters.oldest(&ours(), 0, 300).await.unwrap();
    let mut upwards = ids(&dead[300..]);
    upwards.reverse();
    assert_eq!(ids(&oldest), upwards);
}

#[tokio::test]
async fn a_selection_tells_apart_connections_services_reasons_and_times() {
    let bus = TestBus::open().await;
    let other = ConnectionId::derive(&[b"other"]);
    for (service, reason, connection) in [
        ("scoring", "panic", connection()),
        ("scoring", "invalid", connection()),
        ("sync", "panic", connection()),
        ("sync", "panic", other),
    ] {
        bury(&bus, service, reason, connection).await;
    }
    let letters = bus.dead_letters();
    let all = letters.list(&ours(), None, 10).await.unwrap();
    assert_eq!(ids(&all), [3, 2, 1]);
    let named = |service: Option<&str>, reason: Option<&str>| DeadLetterSelection {
        service: service.map(str::to_owned),
        reason: reason.map(str::to_owned),
        ..ours()
    };
    let timed = |since: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>| DeadLetterSelection {
        since,
        before,
        ..ours()
    };
    let second = all[1].died_at;
    let hour = TimeDelta::hours(1);
    let nobody = DeadLetterSelection::default();
    for (selection, expected) in [
        (named(Some("scoring"), None), vec![2, 1]),
        (named(None, Some("panic")), vec![3, 1]),
        (named(Some("sync"), Some("invalid")), vec![]),
        (named(Some(">"), None), vec![]),
        (timed(Some(second), None), vec![3, 2]),
        (timed(None, Some(second)), vec![1]),
        (timed(Some(second + hour), None), vec![]),
        (timed(None, Some(second - hour)), vec![]),
        (
            timed(Some(second - hour), Some(second + hour)),
            vec![3, 2, 1],
        ),
        (nobody, vec![]),
    ] {
        let found = letters.list(&selection, None, 10).await.unwrap();
        assert_eq!(ids(&found), expected, "{selection:?}");
        assert_eq!(
            letters.count(&selection).await.unwrap(),
            expected.len() as u64
        );
        assert!(found.iter().all(|letter| selection.fits(letter)));
        let left_out = all.iter().filter(|letter| !expected.contains(&letter.id));
        assert!(left_out.into_iter().all(|letter| !selection.fits(letter)));
    }
}

#[tokio::test]
async fn a_replayed_message_comes_back_whole_under_its_own_id_and_once() {
    let bus = TestBus::open().await;
    let dead = die(&bus, &["c1".to_owned()]).await;
    let letters = bus.dead_letters();
    let whole = letters.read(dead[0].id).await.unwrap().unwrap();
    assert_eq!(whole.payload, company("c1").payload);
    assert!(whole.headers.iter().any(|(name, _)| name == headers::EVENT));
    assert!(
        !whole
            .headers
            .iter()
            .any(|(name, _)| name.starts_with("harken-dead"))
    );

    let witness = ConsumerSpec {
        name: "house-witness",
        ..spec()
    };
    let working = Working::start(&bus, witness, done);
    working.has_seen(1).await;
    assert!(letters.replay(dead[0].id).await.unwrap());
    assert!(
        !letters.replay(dead[0].id).await.unwrap(),
        "there is none left"
    );
    assert_eq!(letters.count(&ours()).await.unwrap(), 0);
    eventually("it is seen again", async || {
        working.handler.seen().len() == 2
    })
    .await;
    assert_eq!(
        working.stop().await.seen(),
        ["c1", "c1"],
        "under its own id"
    );
}

#[tokio::test]
async fn a_replay_that_was_killed_half_way_tells_the_message_once() {
    let bus = TestBus::open().await;
    let dead = die(&bus, &["c1".to_owned()]).await;
    let letters = bus.dead_letters();
    let whole = letters.read(dead[0].id).await.unwrap().unwrap();
    // What a process leaves that was killed between giving the message back and removing the letter.
    let mut headers = whole.headers.clone();
    headers.push((headers::MESSAGE.to_owned(), "c1".to_owned()));
    bus.publish(Outgoing {
        subject: whole.letter.subject.clone(),
        message_id: format!("c1.replayed.{}", dead[0].id),
        headers,
        payload: whole.payload,
    })
    .await
    .unwrap();
    assert!(letters.replay(dead[0].id).await.unwrap());
    bus.publish(company("last")).await.unwrap();
    let witness = ConsumerSpec {
        name: "house-witness",
        ..spec()
    };
    let working = Working::start(&bus, witness, done);
    working.has_seen(2).await;
    assert_eq!(working.stop().await.seen(), ["c1", "c1", "last"]);
}

#[tokio::test]
async fn a_message_that_dies_again_keeps_its_id() {
    let bus = TestBus::open().await;
    let dead = die(&bus, &["c1".to_owned()]).await;
    bus.dead_letters().replay(dead[0].id).await.unwrap();
    let working = Working::start(&bus, spec(), |_| {
        Disposition::dead("invalid", "still wrong")
    });
    let again = eventually_some("it is dead again", async || {
        bus.dead_letters()
            .list(&ours(), None, 9)
            .await
            .unwrap()
            .pop()
    })
    .await;
    working.stop().await;
    assert!(again.id > dead[0].id);
    assert_eq!(
        (again.message_id.as_str(), again.error.as_str()),
        ("c1", "still wrong")
    );
    assert!(bus.dead_letters().replay(again.id).await.unwrap());
}

#[tokio::test]
async fn a_dropped_letter_is_gone() {
    let bus = TestBus::open().await;
    let dead = die(&bus, &numbered(2)).await;
    let letters = bus.dead_letters();
    assert!(letters.drop(dead[0].id).await.unwrap());
    assert!(!letters.drop(dead[0].id).await.unwrap());
    assert!(letters.read(dead[0].id).await.unwrap().is_none());
    assert_eq!(
        ids(&letters.list(&ours(), None, 9).await.unwrap()),
        [dead[1].id]
    );
}

#[tokio::test]
async fn what_the_server_gives_up_is_kept_once() {
    let bus = TestBus::open().await;
    let working = Working::start(&bus, spec(), |_| Disposition::again("not today"));
    let prefix = bus.config().prefix;
    let stream = format!("{}{}", prefix.replace('.', "_"), Stream::Record.name());
    let client = server().await;
    let streams = jetstream::new(client.clone());
    // The server gives up long after we do; here, after one delivery.
    let impatient = pull::Config {
        durable_name: Some("house-records".to_owned()),
        filter_subjects: vec![format!("{prefix}harken.record.v1.>")],
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(30),
        max_deliver: 1,
        max_ack_pending: 4096,
        ..pull::Config::default()
    };
    eventually("the consumer is there", async || {
        let kept = streams.get_stream(&stream).await.unwrap();
        kept.consumer_info("house-records").await.is_ok()
    })
    .await;
    streams
        .create_consumer_on_stream(impatient, &stream)
        .await
        .unwrap();
    bus.publish(company("c1")).await.unwrap();
    let dead = eventually_some("the server's word is heard", async || {
        bus.dead_letters()
            .list(&ours(), None, 9)
            .await
            .unwrap()
            .pop()
    })
    .await;
    assert_eq!(
        (dead.message_id.as_str(), dead.reason.as_str()),
        ("c1", "exhausted")
    );

    let advisory = format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.house-records");
    let words = format!(r#"{{"stream":"{stream}","stream_seq":1,"deliveries":1}}"#);
    for words in [words.clone(), "no JSON".to_owned(), words] {
        client
            .publish(advisory.clone(), words.into())
            .await
            .unwrap();
    }
    client.flush().await.unwrap();
    bus.publish(company("c2")).await.unwrap();
    eventually("the next one is given up", async || {
        bus.dead_letters().count(&ours()).await.unwrap() == 2
    })
    .await;
    working.stop().await;
}
