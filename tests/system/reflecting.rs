//! A client in another language, made from reflection alone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use harken_contracts::wire::scoring::v1::{ListScoresRequest, Score};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::client::Client;
use crate::connecting::connect;
use crate::house::House;
use crate::neighbour;
use crate::patience::eventually;

#[tokio::test]
async fn a_python_client_made_from_reflection_reads_a_score_with_a_key_and_only_with_one() {
    let mut house = House::open(&["--contacts", "50", "--conversations", "200"]).await;
    connect(&house).await;
    let client = Client::of(&house);
    let connection = client.connection().await;
    client.ended_run(&connection.connection_id).await;
    let neighbour = neighbour::moves_in(&house).await;
    let score = a_score(&client).await;
    let foreign = a_score(&neighbour).await;

    let told = python_client(&json!({
        "endpoint": house.ready().grpc,
        "api_key": api_key(&house),
        "customer_id": score.customer_id,
        "foreign_customer_id": foreign.customer_id,
    }))
    .await;

    let services: Vec<&str> = told["services"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for service in ["auth", "vault", "sync", "directory", "scoring"] {
        let prefix = format!("harken.{service}.v1.");
        assert!(
            services.iter().any(|name| name.starts_with(&prefix)),
            "{services:?}"
        );
    }
    assert_eq!(
        told["with_key"]["score"]["points"],
        json!(score.points),
        "{told}"
    );
    assert_eq!(told["without_key"]["code"], "UNAUTHENTICATED", "{told}");
    assert_eq!(told["with_wrong_key"]["code"], "UNAUTHENTICATED", "{told}");
    assert_eq!(told["foreign_customer"]["code"], "NOT_FOUND", "{told}");
    assert_eq!(
        told["malformed_customer"]["code"], "INVALID_ARGUMENT",
        "{told}"
    );
    house.stop().await;
}

/// A score of one of the client's own customers.
async fn a_score(client: &Client) -> Score {
    eventually("a customer has a score", || async {
        let request = ListScoresRequest::default();
        let answer = client.scoring().list_scores(request).await.ok()?;
        let mut scores = answer.into_inner().scores.into_iter();
        scores.find(|score| score.points.is_some())
    })
    .await
}

fn api_key(house: &House) -> String {
    let text = fs::read_to_string(house.folder().join(".harken/client.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["api_key"].as_str().unwrap().to_owned()
}

async fn python_client(asked: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("grpc");
    let python = virtual_environment(&folder.join("requirements.txt")).await;
    let mut client = Command::new(python)
        .arg(folder.join("reflection_client.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    client
        .stdin
        .take()
        .unwrap()
        .write_all(asked.to_string().as_bytes())
        .await
        .unwrap();
    let output = client.wait_with_output().await.unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Python with what the client needs, in the build folder.
async fn virtual_environment(requirements: &Path) -> PathBuf {
    let folder = env::current_exe()
        .unwrap()
        .ancestors()
        .nth(3)
        .unwrap()
        .join("clients/reflection");
    let python = folder.join("bin/python");
    if !folder.join("complete").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements))
        .await;
        fs::write(folder.join("complete"), "").unwrap();
    }
    python
}

async fn run(command: &mut Command) {
    let status = command.status().await.unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
