//! The same house with the simulator in Intercom's place.

use std::collections::HashMap;

use harken_contracts::wire::vault::v1 as proto;
use harken_simulator::{Config, Handle, Simulator};
use url::Url;

use crate::harness::{House, reason};

const CALLBACK: &str = "http://127.0.0.1:7400/oauth/intercom/callback";
const WHOLE: &str = "sim_full_small_a1b2c3d4e5f60718293a4b5c6d7e8f90";

async fn open(config: Config) -> (House, Handle) {
    let config = Config {
        redirect_uris: vec![CALLBACK.to_owned()],
        ..config
    };
    let simulator = Simulator::start(config).await.unwrap();
    let url = simulator.url();
    let house = House::open_with(|environment| {
        environment
            .with("HARKEN_INTERCOM_API_URL", url)
            .with("HARKEN_INTERCOM_CLIENT_ID", "harken-simulated-app")
            .with("HARKEN_INTERCOM_CLIENT_SECRET", "simulated-client-secret")
    });
    (Box::pin(house).await, simulator)
}

/// What a person does on the consent page; answers what the browser comes back with.
async fn decide(authorize_url: &str, decision: &str) -> HashMap<String, String> {
    let asked = Url::parse(authorize_url).unwrap();
    let mut form: HashMap<_, _> = asked.query_pairs().into_owned().collect();
    form.insert("workspace".to_owned(), "small".to_owned());
    form.insert("decision".to_owned(), decision.to_owned());
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let mut page = asked.clone();
    page.set_query(None);
    let answer = browser.post(page).form(&form).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(CALLBACK), "{location}");
    Url::parse(location)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

async fn consent(
    house: &House,
    decision: &str,
) -> Result<(crate::harness::Tenant, proto::Connection), tonic::Status> {
    let acme = house.tenant("acme").await;
    let request = proto::BeginOAuthRequest {
        member_id: acme.owner.to_string(),
        browser_binding: "browser".to_owned(),
        ..proto::BeginOAuthRequest::default()
    };
    let begun = house.vault(&acme).begin_o_auth(request).await?.into_inner();
    let mut back = decide(&begun.authorize_url, decision).await;
    let request = proto::CompleteOAuthRequest {
        state: back.remove("state").unwrap(),
        code: back.remove("code").unwrap_or_default(),
        error: back.remove("error").unwrap_or_default(),
        browser_binding: "browser".to_owned(),
    };
    let connection = house
        .vault(&acme)
        .complete_o_auth(request)
        .await?
        .into_inner();
    Ok((acme, connection))
}

#[tokio::test]
async fn allowing_connects_and_every_permission_is_proved() {
    let (house, simulator) = open(Config::default()).await;
    let (acme, connection) = consent(&house, "allow").await.unwrap();
    assert_eq!(connection.workspace_id, "pxt4h9ra");
    assert_eq!(connection.workspace_name, "Pixel & Thread");
    assert_eq!(connection.timezone, "Europe/Berlin");
    let request = proto::TestConnectionRequest {
        connection_id: connection.connection_id,
    };
    let report = house
        .vault(&acme)
        .test_connection(request)
        .await
        .unwrap()
        .into_inner();
    assert!(report.ok, "{report:?}");
    assert_eq!(report.checks.len(), 7);
    house.close().await;
    simulator.stop().await;
}

#[tokio::test]
async fn cancelling_connects_nothing_however_intercom_says_it() {
    for denial_names_error in [true, false] {
        let mut config = Config::default();
        config.switches.denial_names_error = denial_names_error;
        let (house, simulator) = open(config).await;
        assert_eq!(reason(consent(&house, "cancel").await), "OAUTH_CANCELLED");
        house.close().await;
        simulator.stop().await;
    }
}

#[tokio::test]
async fn each_missing_permission_is_named() {
    let (house, simulator) = open(Config::default()).await;
    let acme = house.tenant("acme").await;
    for (token, permission) in [
        (
            WHOLE.replace("full", "no_conversations"),
            "Read conversations",
        ),
        (
            WHOLE.replace("full", "no_contacts"),
            "Read and list users and companies",
        ),
        (WHOLE.replace("full", "no_admins"), "Read admins"),
        (WHOLE.replace("full", "no_tags"), "Read tags"),
    ] {
        let request = proto::ConnectWithTokenRequest {
            access_token: token,
            member_id: acme.owner.to_string(),
            ..proto::ConnectWithTokenRequest::default()
        };
        let refused = house.vault(&acme).connect_with_token(request).await;
        let message = refused.as_ref().unwrap_err().message().to_owned();
        assert_eq!(message, format!("permissions are missing: {permission}"));
        assert_eq!(reason(refused), "PERMISSION_MISSING");
    }
    let revoked = WHOLE.replace("full", "revoked");
    let request = proto::TestTokenRequest {
        access_token: revoked,
    };
    assert_eq!(
        reason(house.vault(&acme).test_token(request).await),
        "TOKEN_REFUSED"
    );
    house.close().await;
    simulator.stop().await;
}
