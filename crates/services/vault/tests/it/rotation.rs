//! Replacing the webhook secret of an organization's own app, while it is in use.

use chrono::{DateTime, TimeDelta, Utc};
use harken_vault::verify_audit_log;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use crate::edge::{Key, present};
use crate::harness::House;
use crate::own_app::{connected, previous, retire};

const DAY: u64 = 86_400;
/// Times that all replace it at once.
const ROUNDS: usize = 10;

#[tokio::test]
async fn of_many_who_replace_it_at_once_each_replaces_the_one_before() {
    let (house, acme, id) = connected().await;
    house
        .set_webhook_secret(&acme, &id, "first", None)
        .await
        .unwrap();
    for round in 0..ROUNDS {
        let secrets: Vec<String> = (0..8).map(|number| format!("s{round}-{number}")).collect();
        let sets = secrets
            .iter()
            .map(|secret| house.set_webhook_secret(&acme, &id, secret, None));
        let reads = (0..40).map(|_| house.keys(&id));
        let (sets, reads) = futures::join!(
            futures::future::join_all(sets),
            futures::future::join_all(reads)
        );
        assert!(sets.iter().all(Result::is_ok), "{sets:?}");
        for keys in reads {
            assert!(matches!(keys.len(), 1 | 2) && !keys[0].1, "{keys:?}");
            let others = &keys[1..];
            assert!(
                others.iter().all(|key| key.1 && key.0 != keys[0].0),
                "{keys:?}"
            );
        }
        let keys = house.keys(&id).await;
        assert_eq!(keys.len(), 2);
        assert!(
            keys.iter().all(|(secret, ..)| secrets.contains(secret)),
            "round {round}: {keys:?}"
        );
    }
    let entries = verify_audit_log(&house.store, acme.organization)
        .await
        .unwrap();
    assert!(entries.is_ok(), "{entries:?}");
    let audit = house.audit().await;
    let set = audit
        .iter()
        .filter(|(action, _)| action == "webhook_secret.set")
        .count();
    assert_eq!(set, 1 + 8 * ROUNDS);
    house.close().await;
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Set { secret: u8, grace_secs: Option<u64> },
    Retire,
    Wait { secs: i64 },
}

/// What must verify, kept in the simplest way.
#[derive(Default)]
struct Model {
    present: Option<String>,
    previous: Option<(String, DateTime<Utc>)>,
}

impl Model {
    fn set(&mut self, secret: &str, grace_secs: u64, now: DateTime<Utc>) {
        if self.present.as_deref() == Some(secret) {
            return;
        }
        let end = now + TimeDelta::seconds(grace_secs.try_into().unwrap());
        let replaced = self.present.replace(secret.to_owned());
        self.previous = replaced.map(|replaced| (replaced, end));
    }

    fn keys(&self, now: DateTime<Utc>) -> Vec<Key> {
        let old = self.previous.as_ref().filter(|(_, end)| *end > now);
        let old = old.map(|(secret, end)| previous(secret, *end));
        self.present
            .iter()
            .map(|secret| present(secret))
            .chain(old)
            .collect()
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let grace = prop_oneof![Just(None), Just(Some(0)), (1..2 * DAY).prop_map(Some)];
    let step = prop_oneof![
        4 => (0..4_u8, grace).prop_map(|(secret, grace_secs)| Step::Set { secret, grace_secs }),
        1 => Just(Step::Retire),
        4 => prop_oneof![0..90_000_i64, Just(86_400), Just(1)].prop_map(|secs| Step::Wait { secs }),
    ];
    prop::collection::vec(step, 1..14)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_a_grace_the_old_and_the_new_verify_and_after_it_the_new_alone() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let case = async |steps: &[Step]| {
        let workspace = format!("ws-{}", rand::random::<u64>());
        let connection = house.connect(&acme, "tok", &workspace).await.unwrap();
        let id = connection.connection_id;
        let mut model = Model::default();
        for step in steps {
            match *step {
                Step::Set { secret, grace_secs } => {
                    let secret = format!("secret-{secret}");
                    let set = house.set_webhook_secret(&acme, &id, &secret, grace_secs);
                    set.await.unwrap();
                    model.set(&secret, grace_secs.unwrap_or(DAY), house.clock.now());
                }
                Step::Retire => {
                    retire(&house, &acme, &id).await.unwrap();
                    model.previous = None;
                }
                Step::Wait { secs } => house.clock.advance(TimeDelta::seconds(secs)),
            }
            let (verifying, expected) = (house.keys(&id).await, model.keys(house.clock.now()));
            if verifying != expected {
                return Err((*step, verifying, expected));
            }
        }
        Ok(())
    };
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&steps(), |steps| {
            let ran = Handle::current().block_on(case(&steps));
            ran.map_err(|differs| TestCaseError::fail(format!("{differs:?}")))
        })
    });
    outcome.unwrap();
    house.close().await;
}
