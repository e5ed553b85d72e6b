use std::future::ready;
use std::time::Duration;

use futures::future::{Either, select};
use futures::{FutureExt as _, StreamExt as _};
use harken_contracts::wire::vault::v1 as proto;
use harken_contracts::wire::vault::v1::CallPriority;
use harken_testkit::eventually;

use crate::harness::{House, get};
use crate::intercom::Fault;

#[tokio::test]
async fn the_budget_is_used_up_and_never_exceeded() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.limit(40, 2);
    let calls = futures::stream::iter(0..160)
        .map(|number| {
            let path = format!("/contacts/{number}");
            let (house, acme, connection) = (&house, &acme, &connection);
            async move { house.call(acme, connection, &path).await }
        })
        .buffer_unordered(32);
    let waited: Vec<u32> = calls
        .map(|called| called.unwrap().head.waited_ms)
        .collect()
        .await;
    let seen = house.intercom.seen();
    assert_eq!(seen.iter().filter(|seen| seen.status == 429).count(), 0);
    assert_eq!(
        seen.iter()
            .filter(|seen| seen.path.starts_with("/contacts/"))
            .count(),
        160
    );
    assert!(
        waited.iter().any(|waited_ms| *waited_ms > 0),
        "160 do not fit into one window of 40"
    );
    house.close().await;
}

#[tokio::test]
async fn two_processes_share_one_budget() {
    let house = House::open().await;
    let another = house.another().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.limit(200, 3);
    let calls = futures::stream::iter(0..1000)
        .map(|number| {
            let server = [&house.server, &another][number % 2];
            let request = get(&connection, &format!("/contacts/{number}"));
            house.call_through(server, &acme, request)
        })
        .buffer_unordered(64);
    let answered = calls.map(|called| called.unwrap().head.status == 200);
    assert_eq!(answered.filter(|is_ok| ready(*is_ok)).count().await, 1000);
    let seen = house.intercom.seen();
    assert_eq!(seen.iter().filter(|seen| seen.status == 429).count(), 0);
    // The first window may have begun before we did.
    let windows = house.intercom.windows();
    let whole = &windows[1..];
    let used: u32 = whole.iter().sum();
    let permitted = 200 * u32::try_from(whole.len()).unwrap();
    assert!(!whole.is_empty(), "{windows:?}");
    assert!(
        used * 10 >= permitted * 9,
        "{used} of {permitted}: {windows:?}"
    );
    house.close().await;
}

#[tokio::test]
async fn without_the_store_of_shares_each_process_keeps_to_its_part() {
    let house = House::open().await;
    let another = house.another().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.limit(60, 2);
    // Both are known to share before the table is gone.
    for server in [&house.server, &another, &house.server] {
        let request = get(&connection, "/contacts/first");
        house.call_through(server, &acme, request).await.unwrap();
    }
    let mut owner = house.owner().await;
    sqlx::query("ALTER TABLE vault.rate_windows RENAME TO elsewhere")
        .execute(&mut owner)
        .await
        .unwrap();
    let calls = futures::stream::iter(0..200)
        .map(|number| {
            let server = [&house.server, &another][number % 2];
            let request = get(&connection, &format!("/contacts/{number}"));
            house.call_through(server, &acme, request)
        })
        .buffer_unordered(32);
    let answered = calls.map(|called| called.unwrap().head.status == 200);
    assert_eq!(answered.filter(|is_ok| ready(*is_ok)).count().await, 200);
    sqlx::query("ALTER TABLE vault.elsewhere RENAME TO rate_windows")
        .execute(&mut owner)
        .await
        .unwrap();
    house.close().await;
}

#[tokio::test]
async fn a_refusal_for_the_rate_is_waited_for_and_no_failure() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.limit(20, 1);
    eventually("another app used the window up before us", async || {
        house.call(&acme, &connection, "/contacts").await.unwrap();
        house.intercom.use_up();
        let called = house.call(&acme, &connection, "/contacts").await.unwrap();
        assert_eq!(
            (called.head.status, called.head.budget_limit),
            (200, Some(20))
        );
        house.intercom.count("/contacts", 429) > 0
    })
    .await;
    house.close().await;
}

#[tokio::test]
async fn connections_wait_for_their_own_budget_alone() {
    let house = House::open().await;
    let (acme, globex) = (house.tenant("acme").await, house.tenant("globex").await);
    let slow = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    let quick = house.connect(&globex, "tok-2", "ws2").await.unwrap();
    // The first request of a connection goes alone; here it hangs.
    house.intercom.fail_next("/hanging", Fault::Hang);
    let hanging = house.call(&acme, &slow, "/hanging");
    let others = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        house.call(&globex, &quick, "/contacts").await.unwrap()
    };
    let Either::Right((other, hanging)) = select(hanging.boxed_local(), others.boxed_local()).await
    else {
        panic!("the one that hangs cannot be first");
    };
    let hung = hanging.await;
    assert_eq!((hung.unwrap().head.status, other.head.status), (200, 200));
    house.close().await;
}

#[tokio::test]
async fn a_person_does_not_wait_behind_a_backfill() {
    let house = House::open().await;
    let acme = house.tenant("acme").await;
    let connection = house.connect(&acme, "tok-1", "ws1").await.unwrap();
    house.intercom.limit(40, 2);
    house
        .call(&acme, &connection, "/contacts/first")
        .await
        .unwrap();
    let backfill = futures::future::join_all((0..80).map(|number| {
        let path = format!("/contacts/{number}");
        let (house, acme, connection) = (&house, &acme, &connection);
        async move {
            house
                .call(acme, connection, &path)
                .await
                .unwrap()
                .head
                .waited_ms
        }
    }));
    let person = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let request = proto::CallRequest {
            priority: CallPriority::Interactive.into(),
            ..get(&connection, "/me")
        };
        house
            .call_with(&acme, request)
            .await
            .unwrap()
            .head
            .waited_ms
    };
    let (backfilled, person) = tokio::join!(backfill, person);
    let longest = backfilled.into_iter().max().unwrap();
    assert!(
        person < longest,
        "a person waited {person} ms, a backfill {longest} ms"
    );
    house.close().await;
}
