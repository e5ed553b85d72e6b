//! The drill proves a whole deployment, and says so when it does not keep its promises.

use serde_json::Value;

use crate::client::Client;
use crate::house::House;
use crate::patience::eventually;
use harken_contracts::wire::directory::v1::ListCustomersRequest;

async fn drill(house: &House, flags: &[&str]) -> (Option<i32>, Value, String) {
    let words = [&["drill", "webhooks", "--json"], flags].concat();
    let output = house.command(&words).output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    let report = serde_json::from_str(said.trim_end()).unwrap_or_default();
    (output.status.code(), report, complaint)
}

#[tokio::test]
async fn a_drill_passes_and_leaves_nothing_behind() {
    let mut house = House::open(&["--contacts", "1", "--conversations", "1"]).await;
    let disorder = ["--duplicates", "0.2", "--reorder", "0.3", "--late", "0.05"];
    let gentle = ["--rate", "60", "--for", "6s", "--retry", "1s"];
    let (code, report, complaint) = drill(&house, &[gentle, disorder].concat()).await;
    assert_eq!(code, Some(0), "{complaint}\n{report:#}");
    assert_eq!(report["passed"], true);
    let told = report["notifications"].as_u64().unwrap();
    assert!(told > 100, "{report:#}");
    assert!(
        report["requests"].as_u64().unwrap() > told,
        "some came twice"
    );
    let ids: Vec<&Value> = report["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|verdict| &verdict["id"])
        .collect();
    assert_eq!(ids, ["I1", "I2", "I3", "I4"]);

    let client = Client::of(&house);
    eventually("every customer of the drill is erased", || async {
        let request = ListCustomersRequest::default();
        let answer = client.directory().list_customers(request).await.ok()?;
        answer.into_inner().customers.is_empty().then_some(())
    })
    .await;
    house.stop().await;
}

#[tokio::test]
async fn a_drill_against_no_edge_fails_and_says_so() {
    let mut house = House::open(&["--contacts", "1", "--conversations", "1"]).await;
    let nowhere = [
        "--ingress",
        "http://127.0.0.1:1",
        "--no-retry",
        "--patience",
        "1s",
    ];
    let (code, report, complaint) = drill(&house, &[&["--for", "1s"], &nowhere[..]].concat()).await;
    assert_eq!(code, Some(1), "{complaint}");
    assert_eq!(report["passed"], false);
    assert_eq!(report["answers"]["200"], Value::Null);
    assert!(complaint.contains("I1"), "{complaint}");
    house.stop().await;
}
