use harken_contracts::wire::sync::v1::{GetStatusRequest, ListGapsRequest, RunState};
use serde_json::json;

use crate::harness::{House, count, story};

async fn names(house: &House, model: &str) -> Vec<(String, String)> {
    sqlx::query_as(
        "SELECT external_id, name FROM sync.attributes WHERE model = $1 ORDER BY external_id",
    )
    .bind(model)
    .fetch_all(&house.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn segments_and_attributes_of_every_model_are_mirrored() {
    let house = House::open(story(30, 20)).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    let segments = house.intercom("segments").await["segments"].clone();
    let held: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT external_id, name, person_type FROM sync.segments ORDER BY external_id",
    )
    .fetch_all(&house.pool)
    .await
    .unwrap();
    let field = |value: &serde_json::Value, name: &str| value[name].as_str().unwrap().to_owned();
    let mut told: Vec<_> = segments
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                field(one, "id"),
                field(one, "name"),
                field(one, "person_type"),
            )
        })
        .collect();
    told.sort();
    assert_eq!(held, told);
    let mut attributes = 0;
    for (model, path) in [
        ("contact", "data_attributes?model=contact"),
        ("company", "data_attributes?model=company"),
        ("conversation", "conversations/attributes"),
    ] {
        let told = house.intercom(path).await["data"].as_array().unwrap().len();
        assert!(told > 0);
        assert_eq!(names(&house, model).await.len(), told, "{model}");
        attributes += told as u64;
    }
    assert_eq!(count(&run, "segments").written, told.len() as u64);
    assert_eq!(count(&run, "attributes").written, attributes);
    let request = GetStatusRequest {
        connection_id: house.connection.to_string(),
        without_totals: false,
    };
    let status = house
        .runs(&process)
        .get_status(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (status.segments, status.attributes),
        (told.len() as u64, attributes)
    );
}

#[tokio::test]
async fn a_renamed_attribute_keeps_its_id() {
    let house = House::open(story(30, 20)).await;
    let process = house.start().await;
    house.connect().await;
    house.ended(&process).await;
    let before = names(&house, "conversation").await;
    assert!(
        before.contains(&("4".to_owned(), "severity".to_owned())),
        "{before:?}"
    );
    house.vault.mend(|path, answer| {
        if path == "/conversations/attributes" {
            for one in answer["data"].as_array_mut().unwrap() {
                if one["id"] == 4 {
                    one["name"] = json!("How bad");
                }
            }
        }
    });
    let run = house.run_again(&process).await;
    let after = names(&house, "conversation").await;
    assert!(
        after.contains(&("4".to_owned(), "How bad".to_owned())),
        "{after:?}"
    );
    assert_eq!(after.len(), before.len());
    assert_eq!(count(&run, "attributes").written, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_without_lists_that_it_may_not_read() {
    let house = House::open(story(80, 60)).await;
    for permission in ["read_tags", "read_admins"] {
        let removed = json!({"workspace": "demo", "permission": permission});
        house.order("permissions/remove", removed).await;
    }
    let refused = json!({"path": "/segments", "times": 9, "harm": "status", "status": 403, "code": "forbidden"});
    house.order("faults", refused).await;
    let process = house.start().await;
    house.connect().await;
    let run = house.ended(&process).await;
    assert_eq!(run.state(), RunState::CompleteWithGaps, "{}", run.reason);
    let request = ListGapsRequest {
        run_id: run.run_id.clone(),
        page: None,
    };
    let gaps = house
        .runs(&process)
        .list_gaps(request)
        .await
        .unwrap()
        .into_inner()
        .gaps;
    for (kind, permission) in [
        ("tags", "Read tags"),
        ("admins", "Read admins"),
        ("teams", "Read admins"),
        ("segments", "Read and list users and companies"),
    ] {
        let gap = gaps.iter().find(|gap| gap.kind == kind);
        let gap = gap.unwrap_or_else(|| panic!("no gap says that {kind} are missing: {gaps:?}"));
        assert!(gap.reason.contains(permission), "{}", gap.reason);
        assert!(gap.reason.contains("Developer Hub"), "{}", gap.reason);
    }
    assert!(count(&run, "contacts").written > 0);
    assert!(count(&run, "conversations").written > 0);
}
