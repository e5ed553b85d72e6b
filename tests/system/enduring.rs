//! What the table of faults says, in brief: services beside stores of their own, and time not judged.

use harken_system_tests::faults::{Fault, Scale};

#[tokio::test]
async fn a_service_killed_under_load_loses_nothing() {
    endures(&[1]).await;
}

#[tokio::test]
async fn a_bus_that_hangs_or_falls_loses_nothing() {
    endures(&[2]).await;
}

#[tokio::test]
async fn repetition_disorder_and_poison_change_nothing() {
    endures(&[6, 7, 8]).await;
}

#[tokio::test]
async fn nonsense_forgery_and_smuggling_are_refused() {
    endures(&[9, 10, 12]).await;
}

#[tokio::test]
async fn an_import_whose_process_is_killed_goes_on_where_it_was() {
    endures(&[17]).await;
}

#[tokio::test]
async fn whatever_intercom_answers_an_import_ends_whole_or_says_what_it_lacks() {
    endures(&[18]).await;
}

#[tokio::test]
async fn a_token_revoked_during_an_import_is_told_and_its_workspace_comes_back() {
    endures(&[19]).await;
}

#[tokio::test]
async fn what_was_dropped_is_corrected_and_counted_as_drift() {
    endures(&[20]).await;
}

#[tokio::test]
async fn what_changes_while_it_is_imported_is_held_as_it_is_in_the_end() {
    endures(&[26]).await;
}

#[tokio::test]
async fn an_import_goes_on_when_its_stores_come_back() {
    endures(&[27]).await;
}

/// Rows that share a deployment.
#[expect(clippy::future_not_send, reason = "it runs where the test began")]
async fn endures(rows: &[u32]) {
    let mut deployment = None;
    for row in rows {
        let fault = Fault::numbered(*row).unwrap();
        let verdict = fault.run(&mut deployment, Scale::Brief).await.unwrap();
        let faults = verdict.faults();
        assert!(faults.is_empty(), "{}: {faults:#?}", fault.what);
    }
}
