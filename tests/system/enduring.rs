//! What the table of faults says, in brief: services beside stores of their own, and time not judged.

use harken_system_tests::deployment::Deployment;
use harken_system_tests::faults::{Fault, Scale};

#[tokio::test]
async fn a_service_killed_under_load_loses_nothing() {
    let mut deployment = Deployment::open().await.unwrap();
    endures(&mut deployment, 1).await;
}

#[tokio::test]
async fn a_bus_that_hangs_or_falls_loses_nothing() {
    let mut deployment = Deployment::open().await.unwrap();
    endures(&mut deployment, 2).await;
}

#[tokio::test]
async fn repetition_disorder_and_poison_change_nothing() {
    let mut deployment = Deployment::open().await.unwrap();
    for row in [6, 7, 8] {
        endures(&mut deployment, row).await;
    }
}

#[tokio::test]
async fn nonsense_forgery_and_smuggling_are_refused() {
    let mut deployment = Deployment::open().await.unwrap();
    for row in [9, 10, 12] {
        endures(&mut deployment, row).await;
    }
}

#[expect(clippy::future_not_send, reason = "it runs where the test began")]
async fn endures(deployment: &mut Deployment, row: u32) {
    let fault = Fault::numbered(row).unwrap();
    let verdict = fault.run(deployment, Scale::Brief).await.unwrap();
    let faults = verdict.faults();
    assert!(faults.is_empty(), "{}: {faults:#?}", fault.what);
}
