//! What happened outlasts whoever played it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

const FULL: &str = "sim_full_demo_a1b2c3d4e5f60718293a4b5c6d7e8f90";

/// A simulator in a process of its own, so that it can be killed.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(state_dir: &Path) -> Self {
        use std::io::BufRead as _;
        let mut child = Command::new(env!("CARGO_BIN_EXE_harken-simulator"))
            .args(["--listen", "127.0.0.1:0", "--contacts", "150"])
            .args(["--conversations", "600", "--state-dir"])
            .arg(state_dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        std::io::BufReader::new(out).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self {
            child,
            url: ready["url"].as_str().unwrap().to_owned(),
        }
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::new();
        let method = method.parse().unwrap();
        let mut request = client.request(method, format!("{}{path}", self.url));
        request = request.bearer_auth(FULL);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    async fn truth(&self) -> [Value; 3] {
        let truth = "/_simulator/truth/demo";
        [
            self.send("GET", &format!("{truth}/conversations"), None)
                .await,
            self.send("GET", &format!("{truth}/contacts"), None).await,
            self.send("GET", "/conversations/deleted", None).await,
        ]
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL: nothing is tidied up.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_killed_simulator_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let process = Process::start(folder.path());
        let story = "/_simulator/story/demo";
        let begun = json!({ "lead": { "name": "Ana", "email": "a@x.example" }, "text": "Hi" });
        let begun = process
            .send("POST", &format!("{story}/conversations"), Some(begun))
            .await;
        let id = begun["id"].as_str().unwrap();
        let contact = begun["contact_id"].as_str().unwrap();
        for (path, what) in [
            (format!("conversations/{id}"), json!({ "what": "close" })),
            (
                format!("conversations/{id}"),
                json!({ "what": "customer_reply" }),
            ),
            (format!("conversations/{id}/redact"), json!({})),
            (
                format!("contacts/{contact}"),
                json!({ "what": "update", "name": "Anna" }),
            ),
            (format!("contacts/{contact}"), json!({ "what": "sign_up" })),
        ] {
            let answer = process
                .send("POST", &format!("{story}/{path}"), Some(what))
                .await;
            assert!(answer["updated_at"].is_i64(), "{answer}");
        }
        let told = process
            .send("GET", &format!("/conversations/{id}"), None)
            .await;
        (process.truth().await, id.to_owned(), told)
    };
    let process = Process::start(folder.path());
    let (truth, id, told) = before;
    assert_eq!(process.truth().await, truth);
    let path = format!("/conversations/{id}");
    assert_eq!(process.send("GET", &path, None).await, told);
}
