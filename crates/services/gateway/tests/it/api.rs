use harken_domain::{CustomerId, Role};
use reqwest::Method;
use serde_json::json;

use crate::fakes::{connection_id, customer_id, run_id};
use crate::house::House;

#[tokio::test]
async fn who_calls_decides_what_is_answered() {
    let house = House::open().await;
    house.fakes.connected();
    let path = "/api/v1/connections";
    let stranger = house.browser().get(path).await;
    assert_eq!(
        (stranger.status, stranger.header("www-authenticate")),
        (401, "Bearer")
    );
    assert_eq!(stranger.header("content-type"), "application/problem+json");
    assert_eq!(stranger.json()["reason"], "UNAUTHENTICATED");

    for wrong in ["hk_wrong", ""] {
        assert_eq!(
            house.browser().with_key(wrong).get(path).await.status,
            401,
            "{wrong:?}"
        );
    }
    // A key that is wrong is not made good by a session.
    assert_eq!(
        house
            .signed_in(Role::Owner)
            .with_key("hk_wrong")
            .get(path)
            .await
            .status,
        401
    );

    let answer = house.browser().with_key("hk_viewer").get(path).await;
    assert_eq!(answer.json()["connections"][0]["workspace_id"], "nw7x2k1p");
    assert_eq!(house.signed_in(Role::Viewer).get(path).await.status, 200);
}

#[tokio::test]
async fn a_key_does_what_its_role_allows() {
    let house = House::open().await;
    let (test, runs) = (
        format!("/api/v1/connections/{}/test", connection_id()),
        format!("/api/v1/connections/{}/runs", connection_id()),
    );
    for path in [&test, &runs] {
        let refused = house
            .browser()
            .with_key("hk_viewer")
            .post_json(path, &json!({}))
            .await;
        assert_eq!(
            (refused.status, refused.json()["reason"].as_str()),
            (403, Some("ROLE_TOO_LOW"))
        );
    }
    assert_eq!(
        house
            .browser()
            .with_key("hk_admin")
            .post_json(&test, &json!({}))
            .await
            .json()["ok"],
        true
    );
    let started = house
        .browser()
        .with_key("hk_admin")
        .post_json(&runs, &json!({}))
        .await;
    assert_eq!(
        (started.status, started.json()["state"].as_str()),
        (202, Some("running"))
    );
    assert!(
        house.fakes.was_asked("start_run(Full) as admin"),
        "services learn the role of the key"
    );
}

#[tokio::test]
async fn a_page_changes_something_only_with_its_token() {
    let house = House::open().await;
    let mut owner = house.signed_in(Role::Owner);
    let path = format!("/api/v1/connections/{}/runs", connection_id());
    assert_eq!(owner.post_json(&path, &json!({})).await.status, 403);
    let token = owner.form_token().await;
    let request = owner
        .request(Method::POST, &path)
        .header("x-csrf-token", token)
        .json(&json!({}));
    assert_eq!(owner.send(request).await.status, 202);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_name_with_a_remedy() {
    let house = House::open().await;
    let mut key = house.browser().with_key("hk_admin");
    for (path, field) in [
        ("/api/v1/customers?page_size=many", "page_size"),
        ("/api/v1/customers?page_size=0", "page_size"),
        ("/api/v1/customers?size=10", "size"),
        ("/api/v1/customers?level=angry", "level"),
        ("/api/v1/customers?sort=mood", "sort"),
        ("/api/v1/customers?connection_id=7", "connection_id"),
        ("/api/v1/customers/7", "customer_id"),
        ("/api/v1/runs/run_1/log?severity=loud", "run_id"),
        ("/api/v1/export/secrets", "kind"),
        ("/api/v1/export/contacts?format=xml", "format"),
    ] {
        let answer = key.get(path).await;
        let problem = answer.json();
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(problem["field"], field, "{path}: {problem}");
        assert!(
            problem["remedy"].as_str().unwrap().len() > 10 && problem["request_id"].is_string(),
            "{problem}"
        );
    }
    for (body, field) in [
        (
            json!({"inputs": {"open": "three", "reopens_30d": 0, "conversations_30d": 0, "conversations": 1}}),
            "inputs.open",
        ),
        (json!({"inputs": {"open": 3}}), "inputs"),
        (json!({"input": {}}), "input"),
        (json!(7), "body"),
    ] {
        let problem = key.post_json("/api/v1/scores/evaluate", &body).await.json();
        assert_eq!(problem["field"], field, "{problem}");
    }
    let request = key
        .request(Method::POST, "/api/v1/scores/evaluate")
        .body("{}");
    assert_eq!(key.send(request).await.status, 415);
    let request = key
        .request(Method::POST, "/api/v1/scores/evaluate")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(key.send(request).await.json()["field"], "body");
}

#[tokio::test]
async fn addresses_and_methods_that_are_none_are_problems_too() {
    let house = House::open().await;
    let mut key = house.browser().with_key("hk_admin");
    let nowhere = key.get("/api/v1/nowhere").await;
    assert_eq!(
        (nowhere.status, nowhere.json()["reason"].as_str()),
        (404, Some("NOT_FOUND"))
    );
    let request = key.request(Method::DELETE, "/api/v1/connections");
    let wrong = key.send(request).await;
    assert_eq!(
        (wrong.status, wrong.json()["reason"].as_str()),
        (405, Some("METHOD_NOT_ALLOWED"))
    );
    assert!(wrong.header("allow").contains("GET"));
    let foreign = key
        .get(&format!(
            "/api/v1/customers/{}",
            CustomerId::derive(&[b"theirs"])
        ))
        .await;
    assert_eq!(
        (foreign.status, foreign.json()["reason"].as_str()),
        (404, Some("NOT_FOUND"))
    );
}

#[tokio::test]
async fn customers_scores_and_runs_are_read() {
    let house = House::open().await;
    let mut key = house.browser().with_key("hk_viewer");
    let customer = customer_id();
    let list = key
        .get("/api/v1/customers?level=critical,na&query=o&sort=-points")
        .await
        .json();
    assert_eq!(list["customers"][0]["level"], "critical");
    assert_eq!(
        list["page"],
        json!({"next_page_token": "next", "total_count": 2})
    );
    assert_eq!(
        key.get(&format!("/api/v1/customers/{customer}"))
            .await
            .json()["metadata"],
        json!({})
    );
    let explanation = key
        .get(&format!("/api/v1/customers/{customer}/explanation"))
        .await
        .json();
    assert_eq!(explanation["factors"][0]["factor"], "open_volume");
    assert_eq!(
        key.get(&format!("/api/v1/customers/{customer}/score"))
            .await
            .json()["points"],
        14
    );
    let conversations = key
        .get(&format!("/api/v1/customers/{customer}/conversations"))
        .await
        .json();
    assert_eq!(conversations["conversations"][0]["status"], "open");
    let inputs = json!({"open": 3, "reopens_30d": 0, "conversations_30d": 0, "conversations": 1});
    let evaluated = key
        .post_json("/api/v1/scores/evaluate", &json!({"inputs": inputs}))
        .await;
    assert_eq!(evaluated.json()["points"], 3);
    assert_eq!(
        key.get(&format!("/api/v1/runs/{}", run_id())).await.status,
        404
    );
}

#[tokio::test]
async fn everything_of_a_kind_is_streamed_as_lines_or_as_a_table() {
    let house = House::open().await;
    let mut key = house.browser().with_key("hk_viewer");
    let lines = key.get("/api/v1/export/contacts").await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    assert_eq!(
        lines.header("content-disposition"),
        "attachment; filename=\"harken-contacts-2026-11-20.jsonl\""
    );
    assert_eq!(lines.text.lines().count(), 2);
    let first: serde_json::Value =
        serde_json::from_str(lines.text.lines().next().unwrap()).unwrap();
    assert_eq!(first["email"], "miles@ds9.example");

    let table = key.get("/api/v1/export/scores?format=csv").await;
    let rows: Vec<_> = table.text.lines().collect();
    assert!(
        rows[0].starts_with("customer_id,connection_id,"),
        "{}",
        rows[0]
    );
    assert_eq!(rows.len(), 3, "the slices of both pages");
}

#[tokio::test]
async fn the_openapi_document_is_there_for_everybody() {
    let house = House::open().await;
    let document = house.browser().get("/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    assert!(document["paths"]["/api/v1/customers/{customer_id}/score"]["get"].is_object());
}

/// Each path of the document is routed: none answers that there is nothing here.
#[tokio::test]
async fn each_path_of_the_document_is_served() {
    let house = House::open().await;
    let document = house.browser().get("/api/v1/openapi.json").await.json();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let mut stranger = house.browser();
            let request = stranger.request(method.clone(), &path.replace(['{', '}'], ""));
            assert_eq!(stranger.send(request).await.status, 401, "{method} {path}");
        }
    }
}
