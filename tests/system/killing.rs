//! All of it killed at any request, stores and simulator included, it resumes by itself, and the mirror ends up as the
//! workspace is. Row 17 of the table of faults kills the process of the import alone.

use std::env;
use std::time::SystemTime;

use harken_contracts::wire::sync::v1::RunTrigger;

use crate::client::Client;
use crate::connecting::connect;
use crate::house::House;
use crate::truth;

/// Kills in one run of the tests; `HARKEN_KILLS` asks for another number.
const KILLS: u32 = 8;
/// A kill comes at a random request among so many after the house is ready again.
const WITHIN_REQUESTS: u64 = 40;

#[tokio::test]
async fn a_run_survives_that_all_is_killed_at_random_requests() {
    // Slow enough that the run is still going on when the last kill comes.
    let flags = [
        "--contacts",
        "300",
        "--conversations",
        "1500",
        "--rate-per-minute",
        "700",
    ];
    let mut house = House::open(&flags).await;
    connect(&house).await;
    let kills = env::var_os("HARKEN_KILLS")
        .and_then(|kills| kills.to_str()?.parse().ok())
        .unwrap_or(KILLS);
    let mut last_kill = SystemTime::UNIX_EPOCH;
    for _ in 0..kills {
        let intercom = truth::intercom(&house);
        let asked = intercom.requests().await.unwrap();
        let request = asked + rand::random_range(1..=WITHIN_REQUESTS);
        intercom.asked(request).await.unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "seen from outside, by the machine's clock"
        )]
        let now = SystemTime::now();
        last_kill = now;
        house.kill().await;
        house.start().await;
    }
    let client = Client::of(&house);
    let connection = client.connection().await;
    let run = client.whole_run(&connection.connection_id).await;
    let ended_at = SystemTime::try_from(run.ended_at.unwrap()).unwrap();
    assert!(ended_at > last_kill, "every kill met the run: {run:?}");
    assert_eq!(
        run.trigger(),
        RunTrigger::Connected,
        "it is the first run that went on"
    );
    truth::is_mirrored(&house, &client).await;
    house.stop().await;
}
