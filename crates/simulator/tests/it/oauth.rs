use reqwest::{Response, StatusCode, Url};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::harness::{Played, REDIRECT, config};
use harken_simulator::Config;

const CLIENT: (&str, &str) = ("client_id", "harken-simulated-app");
const SECRET: (&str, &str) = ("client_secret", "simulated-client-secret");

async fn decide(played: &Played, workspace: &str, decision: &str) -> Url {
    let form = [
        CLIENT,
        ("redirect_uri", REDIRECT),
        ("state", "a state/with+signs"),
        ("workspace", workspace),
        ("decision", decision),
    ];
    let url = format!("{}/oauth", played.simulator.url());
    let response = played.client.post(url).form(&form).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()["location"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

async fn exchange(played: &Played, form: &[(&str, &str)]) -> Response {
    let url = format!("{}/auth/eagle/token", played.simulator.url());
    played.client.post(url).form(form).send().await.unwrap()
}

async fn install(played: &Played, workspace: &str) -> String {
    let code = parameter(&decide(played, workspace, "allow").await, "code").unwrap();
    let answer: Value = exchange(played, &[CLIENT, SECRET, ("code", &code)])
        .await
        .json()
        .await
        .unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn me(played: &Played, token: &str) -> Response {
    let url = format!("{}/me", played.simulator.url());
    played
        .client
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_teammate_allows_the_app_and_it_gets_a_token() {
    let played = Played::start(config()).await;
    let back = decide(&played, "small", "allow").await;
    assert!(back.as_str().starts_with(REDIRECT), "{back}");
    assert_eq!(parameter(&back, "state").unwrap(), "a state/with+signs");
    let code = parameter(&back, "code").unwrap();
    assert!(code.ends_with('='));
    let extra = ("grant_type", "authorization_code");
    let answer: Value = exchange(&played, &[CLIENT, SECRET, extra, ("code", &code)])
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(answer.as_object().unwrap().len(), 3);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["token"], answer["access_token"]);
    let me: Value = me(&played, answer["token"].as_str().unwrap())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(me["app"]["id_code"], "pxt4h9ra");
    assert_eq!(me["app"]["name"], "Pixel &amp; Thread");
    played.simulator.stop().await;
}

#[tokio::test]
async fn the_exchange_reads_json_too_and_refuses_with_an_error_list() {
    let played = Played::start(config()).await;
    let code = || async { parameter(&decide(&played, "demo", "allow").await, "code").unwrap() };
    let url = format!("{}/auth/eagle/token", played.simulator.url());
    let body = json!({
        "client_id": CLIENT.1, "client_secret": SECRET.1, "code": code().await,
    });
    let response = played.client.post(url).json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);

    let used = code().await;
    assert_eq!(
        exchange(&played, &[CLIENT, SECRET, ("code", &used)])
            .await
            .status(),
        StatusCode::OK
    );
    let late = code().await;
    played.pass_secs(601);
    let stripped = used.trim_end_matches('=');
    let wrong_secret = ("client_secret", "wrong");
    for form in [
        [CLIENT, SECRET, ("code", used.as_str())],
        [CLIENT, SECRET, ("code", late.as_str())],
        [CLIENT, SECRET, ("code", stripped)],
        [CLIENT, SECRET, ("code", "made up")],
        [CLIENT, wrong_secret, ("code", late.as_str())],
        [("client_id", "other"), SECRET, ("code", late.as_str())],
    ] {
        let refusal = played.refusal(exchange(&played, &form).await).await;
        assert_eq!(refusal, (401, "unauthorized".to_owned()), "{form:?}");
    }
}

#[tokio::test]
async fn a_teammate_cancels() {
    let played = Played::start(config()).await;
    let back = decide(&played, "demo", "cancel").await;
    assert_eq!(parameter(&back, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&back, "state").unwrap(), "a state/with+signs");
    assert_eq!(parameter(&back, "code"), None);

    let mut quiet = config();
    quiet.switches.denial_names_error = false;
    let played = Played::start(quiet).await;
    assert_eq!(
        parameter(&decide(&played, "demo", "cancel").await, "error"),
        None
    );
}

#[tokio::test]
async fn the_consent_page_offers_the_workspaces_and_refuses_strangers() {
    let played = Played::start(config()).await;
    let page = async |query: &str| {
        let url = format!("{}/oauth?{query}", played.simulator.url());
        let response = played.client.get(url).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, html) = page("client_id=harken-simulated-app&state=%3Cscript%3E").await;
    assert_eq!(status, 200);
    for words in [
        "Northwind Cloud",
        "Pixel &#38; Thread",
        "Fresh Start",
        "Read conversations",
        "Cancel",
    ] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("<script>"));

    let (status, html) = page("client_id=nobody&state=s").await;
    assert_eq!((status, html.contains("invalid_client")), (400, true));
    let (status, html) =
        page("client_id=harken-simulated-app&state=s&redirect_uri=http://evil.example/").await;
    assert_eq!(
        (status, html.contains("redirect_uri_mismatch")),
        (400, true)
    );
}

#[tokio::test]
async fn a_restart_forgets_neither_tokens_nor_revocations() {
    let state = tempdir().unwrap();
    let kept = || Config {
        state_dir: Some(state.path().to_owned()),
        epoch: None,
        ..config()
    };
    let before = Played::start(kept()).await;
    let epoch = before.simulator.epoch();
    let token = install(&before, "demo").await;
    let doomed = install(&before, "small").await;
    drop(before); // as abruptly as a kill

    let after = Played::start(kept()).await;
    assert_eq!(after.simulator.epoch(), epoch);
    assert_eq!(me(&after, &token).await.status(), StatusCode::OK);
    let url = format!("{}/auth/uninstall", after.simulator.url());
    let uninstalled = after
        .client
        .post(url)
        .bearer_auth(&doomed)
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(uninstalled.status(), StatusCode::OK);
    assert_eq!(me(&after, &doomed).await.status(), StatusCode::UNAUTHORIZED);
    drop(after);

    let again = Played::start(kept()).await;
    assert_eq!(me(&again, &token).await.status(), StatusCode::OK);
    assert_eq!(me(&again, &doomed).await.status(), StatusCode::UNAUTHORIZED);
    again.pass_secs(1);
    let fresh = install(&again, "small").await;
    assert_eq!(me(&again, &fresh).await.status(), StatusCode::OK);
}
