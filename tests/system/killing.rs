//! Killed at any moment, it resumes by itself, and the mirror ends up as the workspace is.

use std::env;
use std::time::Duration;

use crate::client::Client;
use crate::connecting::connect;
use crate::house::House;
use crate::truth;

/// Kills in one run of the tests; `HARKEN_KILLS` asks for more.
const KILLS: u32 = 3;
/// A kill comes at a random moment within this time after the house is ready again.
const WITHIN_MILLIS: u64 = 3_000;

#[tokio::test]
async fn a_run_survives_being_killed_at_random_moments() {
    // Slow enough that the run is still going on when the last kill comes.
    let flags = [
        "--contacts",
        "300",
        "--conversations",
        "1500",
        "--rate-per-minute",
        "6000",
    ];
    let mut house = House::open(&flags).await;
    connect(&house).await;
    let kills = env::var_os("HARKEN_KILLS")
        .and_then(|kills| kills.to_str()?.parse().ok())
        .unwrap_or(KILLS);
    for _ in 0..kills {
        let moment = Duration::from_millis(rand::random_range(0..WITHIN_MILLIS));
        tokio::time::sleep(moment).await;
        house.kill().await;
        house.start().await;
    }
    let client = Client::of(&house);
    let connection = client.connection().await;
    client.whole_run(&connection.connection_id).await;
    truth::is_mirrored(&house, &client).await;
    house.stop().await;
}
