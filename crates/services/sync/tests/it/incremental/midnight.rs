//! Contacts that changed around midnight, by whosever clock, are found by the search that knows whole days alone.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Utc};
use harken_simulator::Clock;

use super::assert_complete;
use crate::harness::{House, story};

/// The workspace of the tests lies in New York.
#[tokio::test(flavor = "multi_thread")]
async fn contacts_that_changed_around_midnight_are_found() {
    for around in [
        // Midnight in UTC, and in New York in winter.
        "2026-12-02T00:00:00Z",
        "2026-12-02T05:00:00Z",
        // The clocks went back at six, and the day began at four.
        "2026-11-01T04:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-11-02T05:00:00Z",
        // They go forward at seven.
        "2027-03-14T05:00:00Z",
        "2027-03-14T07:00:00Z",
    ] {
        let midnight: DateTime<Utc> = around.parse().unwrap();
        let hand = Arc::new(AtomicI64::new(0));
        let set = |secs: i64| {
            let millis = (midnight.timestamp() + secs) * 1000;
            hand.store(millis, Ordering::Relaxed);
        };
        set(-600);
        let told_time = harken_simulator::Config {
            clock: Clock::Manual(Arc::clone(&hand)),
            epoch: Some(midnight - chrono::TimeDelta::minutes(10)),
            ..story(30, 5)
        };
        let house = House::open(told_time).await;
        let process = house.start().await;
        house.connect().await;
        house.ended(&process).await;
        // The import ended a minute before midnight, by Intercom's clock.
        let cursor = midnight - chrono::TimeDelta::minutes(1);
        sqlx::query("UPDATE sync.runs SET bound_at = $1")
            .bind(cursor)
            .execute(&house.pool)
            .await
            .unwrap();
        let truth = house.truth().await;
        let moments = [-59, -1, 0, 1, 59, 3600, 24 * 3600];
        for (contact, secs) in truth.contacts.keys().zip(moments) {
            set(secs);
            house.rename(contact, "Changed by night").await;
        }
        let run = house.catch_up(&process).await;
        assert_complete(&run);
        let renamed: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sync.contacts WHERE updated_at >= $1 AND content_hash IS NOT NULL",
        )
        .bind(cursor)
        .fetch_one(&house.pool)
        .await
        .unwrap();
        assert_eq!(renamed, 7, "around {around}");
        process.stop().await;
    }
}
