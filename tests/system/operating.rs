//! The operators' commands against a living deployment.

use std::fs;

use serde_json::Value;

use crate::house::House;
use crate::patience::eventually;

/// A private access token that the simulator knows for its small workspace.
pub(crate) const TOKEN: &str = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";
pub(crate) const TOKEN_WITHOUT_CONVERSATIONS: &str =
    "sim_no_conversations_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";
pub(crate) const REVOKED_TOKEN: &str = "sim_revoked_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";

struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Said {
    fn json(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

async fn say(house: &House, words: &[&str]) -> Said {
    let output = house.command(words).output().await.unwrap();
    Said {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn an_operator_connects_imports_reads_and_exports() {
    let mut house = House::open(&["--contacts", "1", "--conversations", "1"]).await;
    let token_file = house.folder().join("token");
    let path = token_file.to_str().unwrap();

    let none = say(&house, &["connection", "show"]).await;
    assert_eq!(
        (none.code, none.stdout.as_str()),
        (Some(66), ""),
        "{}",
        none.stderr
    );
    for (token, code) in [(REVOKED_TOKEN, 77), (TOKEN_WITHOUT_CONVERSATIONS, 77)] {
        fs::write(&token_file, token).unwrap();
        let refused = say(&house, &["connection", "add", "--token-file", path]).await;
        assert_eq!(refused.code, Some(code), "{}", refused.stderr);
        assert!(
            !refused.stderr.contains(token) && refused.stderr.lines().count() == 1,
            "{}",
            refused.stderr
        );
    }

    fs::write(&token_file, TOKEN).unwrap();
    let added = say(
        &house,
        &["connection", "add", "--token-file", path, "--json"],
    )
    .await
    .json();
    assert_eq!(added[0]["state"], "connected");
    assert_eq!(added[0]["method"], "access_token");
    let tested = say(&house, &["connection", "test", "--json"]).await.json();
    assert_eq!(tested[0]["ok"], true, "{tested:?}");

    let run = say(&house, &["sync", "run", "--wait", "--json"])
        .await
        .json();
    let last = run.last().unwrap();
    assert!(
        last["state"].as_str().unwrap().starts_with("complete"),
        "{last}"
    );
    assert!(
        say(&house, &["sync", "status"])
            .await
            .stdout
            .contains("complete")
    );
    assert_eq!(
        say(&house, &["sync", "log", "--limit", "5"]).await.code,
        Some(0)
    );

    reads_scores(&house).await;
    exports(&house).await;
    keys(&house).await;

    let link = say(&house, &["sign-in-link"]).await.stdout;
    assert!(
        link.starts_with(&format!("{}/sign-in/", house.ready().console)),
        "{link}"
    );
    let words = [
        "connection",
        "replace-token",
        "--token-file",
        path,
        "--json",
    ];
    let replaced = say(&house, &words).await.json();
    assert_eq!(
        (&replaced[0]["connection_id"], &replaced[0]["state"]),
        (&added[0]["connection_id"], &added[0]["state"])
    );
    let ended = say(&house, &["connection", "disconnect", "--yes", "--json"])
        .await
        .json();
    assert_eq!(ended[0]["state"], "disconnected");
    removes(&house, &ended[0]).await;
    let words = ["connection", "add", "--token-file", path, "--json"];
    let again = say(&house, &words).await.json();
    assert_ne!(again[0]["connection_id"], added[0]["connection_id"]);
    house.stop().await;
}

async fn removes(house: &House, ended: &Value) {
    let id = ended["connection_id"].as_str().unwrap();
    let name = ended["workspace_name"].as_str().unwrap();
    let remove = ["connection", "remove-data", id, "--workspace-name"];
    let wrong = say(house, &[&remove[..], &["something else"]].concat()).await;
    assert_eq!(wrong.code, Some(64), "{}", wrong.stderr);
    let words = [&remove[..], &[name, "--json"]].concat();
    let removing = say(house, &words).await.json();
    assert_eq!(removing[0]["state"], "disconnecting");
    let erasure = eventually("its data is removed", || async {
        let words = ["connection", "erasure", id, "--json"];
        let erasure = say(house, &words).await.json().remove(0);
        (!erasure["completed_at"].is_null()).then_some(erasure)
    })
    .await;
    let receipts = erasure["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 5, "{erasure}");
    let shown = say(house, &["connection", "erasure", id]).await.stdout;
    assert!(shown.contains("sync.contacts"), "{shown}");
    let listed = say(house, &["connection", "list", "--json"]).await.json();
    assert_eq!(listed[0]["state"], "purged");
}

async fn reads_scores(house: &House) {
    let listed = say(house, &["score", "list", "--json", "--limit", "500"])
        .await
        .json();
    let scored = listed
        .iter()
        .find(|score| score["points"].is_u64())
        .expect("somebody has a score");
    for name in ["customer_id", "external_id", "email"] {
        let named = scored[name].as_str().unwrap();
        let shown = say(house, &["score", "show", named, "--json"]).await.json();
        assert_eq!(shown[0]["customer_id"], scored["customer_id"], "{name}");
    }
    let explained = say(
        house,
        &["score", "explain", scored["customer_id"].as_str().unwrap()],
    )
    .await;
    assert!(explained.stdout.lines().count() > 5, "{}", explained.stdout);
    let unknown = say(house, &["score", "show", "nobody@nowhere.example"]).await;
    assert_eq!(unknown.code, Some(66));
    assert!(!unknown.stderr.contains("nobody@"), "{}", unknown.stderr);
}

async fn exports(house: &House) {
    let expected = say(house, &["sync", "status", "--json"]).await.json();
    for (kind, field) in [
        ("contacts", "contacts"),
        ("companies", "companies"),
        ("conversations", "conversations"),
        ("parts", "parts"),
    ] {
        let rows = say(house, &["export", kind]).await.json();
        assert_eq!(
            Some(rows.len() as u64),
            expected[0][field].as_u64(),
            "{kind}"
        );
        let csv = say(house, &["export", kind, "--format", "csv"])
            .await
            .stdout;
        assert!(
            csv.lines().next().unwrap().contains("external_id"),
            "{kind}"
        );
    }
    let file = house.folder().join("scores.jsonl");
    let told = say(
        house,
        &[
            "export",
            "scores",
            "--output",
            file.to_str().unwrap(),
            "--json",
        ],
    )
    .await
    .json();
    let written = fs::read_to_string(&file).unwrap().lines().count();
    assert_eq!(told[0]["rows"].as_u64(), Some(written as u64));
    assert!(written > 0);
}

async fn keys(house: &House) {
    let made = say(house, &["key", "create", "reader", "--json"])
        .await
        .json();
    let secret = made[0]["secret"].as_str().unwrap();
    let id = made[0]["api_key"]["api_key_id"].as_str().unwrap();
    let file = house.folder().join("key");
    fs::write(&file, secret).unwrap();
    let as_reader = [
        "--api-key-file",
        file.to_str().unwrap(),
        "--endpoint",
        &house.ready().grpc,
    ];
    let read = say(
        house,
        &[&["score", "list", "--json"], &as_reader[..]].concat(),
    )
    .await;
    assert_eq!(read.code, Some(0), "{}", read.stderr);
    let refused = say(
        house,
        &[&["key", "create", "more"], &as_reader[..]].concat(),
    )
    .await;
    assert_eq!(refused.code, Some(77), "{}", refused.stderr);
    let revoked = say(house, &["key", "revoke", id, "--json"]).await.json();
    assert!(revoked[0]["revoked_at"].is_string());
}
