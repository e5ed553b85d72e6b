use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_domain::{ApiKeyId, MemberId, OrganizationId, Role, Secret};
use harken_runtime::{ServiceIdentity, ServiceSecret, VerifiedKey, auth, status};
use harken_testkit::{TestServer, frozen_clock, service_secret};
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tracing_subscriber::fmt::MakeWriter;

use crate::directory::{TestDirectory, ask};

const KEY: &str = "hk_canary_7f3a";

fn known_key(role: Role) -> VerifiedKey {
    VerifiedKey {
        id: ApiKeyId::derive(&[b"k"]),
        organization: OrganizationId::derive(&[b"o"]),
        role,
    }
}

async fn server() -> TestServer {
    let server = TestServer::start_at(TestDirectory::new().services(), frozen_clock()).await;
    server.keys.add(KEY, known_key(Role::Member));
    server
}

/// Asks for `customer` with these metadata.
async fn ask_with(
    server: &TestServer,
    customer: &str,
    metadata: &[(&'static str, String)],
) -> Result<String, Status> {
    let channel = Channel::from_shared(server.url())
        .unwrap()
        .connect()
        .await
        .unwrap();
    let mut request = Request::new(ask(customer));
    for (name, value) in metadata {
        let value: MetadataValue<_> = value.parse().unwrap();
        request.metadata_mut().append(*name, value);
    }
    let answer = DirectoryClient::new(channel).get_customer(request).await?;
    Ok(answer.into_inner().name.unwrap_or_default())
}

fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

fn service_token(secret: ServiceSecret, age_secs: i64) -> String {
    let clock = frozen_clock();
    clock.advance(TimeDelta::seconds(-age_secs));
    ServiceIdentity::new("sync", secret, clock)
        .token()
        .expose()
        .to_owned()
}

#[tokio::test]
async fn whoever_is_not_known_learns_what_to_send() {
    let server = server().await;
    let stranger = ServiceSecret::new(Secret::new("x".repeat(32))).unwrap();
    let cases = [
        (vec![], "NO_CREDENTIALS"),
        (
            vec![("authorization", format!("Basic {KEY}"))],
            "WRONG_SCHEME",
        ),
        (vec![("authorization", KEY.to_owned())], "WRONG_SCHEME"),
        (
            vec![("authorization", "Bearer ".to_owned())],
            "WRONG_SCHEME",
        ),
        (vec![bearer(KEY), bearer(KEY)], "WRONG_SCHEME"),
        (vec![bearer("hk_unknown")], "API_KEY_UNKNOWN"),
        (
            vec![bearer(&service_token(service_secret(), 301))],
            "SERVICE_TOKEN_STALE",
        ),
        (
            vec![bearer(&service_token(service_secret(), -301))],
            "SERVICE_TOKEN_STALE",
        ),
        (
            vec![bearer(&service_token(stranger, 0))],
            "SERVICE_TOKEN_FORGED",
        ),
        (vec![bearer("hs1.sync.0.00")], "SERVICE_TOKEN_FORGED"),
    ];
    for (metadata, reason) in cases {
        let refused = ask_with(&server, "any", &metadata).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{reason}");
        assert_eq!(status::reason_of(&refused).as_deref(), Some(reason));
        assert!(!refused.message().contains(KEY));
        if !reason.starts_with("SERVICE") {
            assert!(
                refused
                    .message()
                    .contains("authorization: Bearer <API key>"),
                "{refused}"
            );
        }
    }
}

#[tokio::test]
async fn a_known_key_and_a_fresh_service_token_are_let_in() {
    let server = server().await;
    let key = ask_with(&server, "any", &[bearer(KEY)]).await.unwrap();
    assert_eq!(key, known_key(Role::Member).id.to_string());
    let lower_case = ("authorization", format!("bearer {KEY}"));
    assert!(ask_with(&server, "any", &[lower_case]).await.is_ok());
    for age_secs in [300, 0, -300] {
        let token = service_token(service_secret(), age_secs);
        assert_eq!(
            ask_with(&server, "any", &[bearer(&token)]).await.unwrap(),
            "sync"
        );
    }
}

#[tokio::test]
async fn a_service_names_its_organization_where_one_is_needed() {
    let server = server().await;
    let token = bearer(&service_token(service_secret(), 0));
    let refused = ask_with(&server, "organization", std::slice::from_ref(&token)).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(
        status::field_of(&refused).as_deref(),
        Some(auth::ORGANIZATION)
    );

    let named = (
        auth::ORGANIZATION,
        OrganizationId::derive(&[b"o"]).to_string(),
    );
    assert!(
        ask_with(&server, "organization", &[token.clone(), named])
            .await
            .is_ok()
    );

    let broken = (auth::ORGANIZATION, "con_1".to_owned());
    let refused = ask_with(&server, "organization", &[token, broken])
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_service_may_do_what_the_member_it_acts_for_may() {
    let server = server().await;
    let channel = server.channel("gateway");
    let organization = OrganizationId::derive(&[b"o"]);
    let member = MemberId::derive(&[b"m"]);
    for (role, allowed) in [
        (Role::Owner, true),
        (Role::Admin, true),
        (Role::Member, false),
    ] {
        let acting = channel
            .for_organization(organization)
            .with_role(role, member);
        let answer = DirectoryClient::new(acting)
            .get_customer(ask("admins"))
            .await;
        assert_eq!(answer.is_ok(), allowed, "{role}");
    }
    let itself = DirectoryClient::new(channel.for_no_organization());
    assert!(itself.clone().get_customer(ask("admins")).await.is_ok());
}

#[tokio::test]
async fn a_key_cannot_lift_itself_by_the_metadata_of_services() {
    let server = server().await;
    let lifted = [
        bearer(KEY),
        (auth::ROLE, "owner".to_owned()),
        (auth::MEMBER, MemberId::derive(&[b"m"]).to_string()),
    ];
    let refused = ask_with(&server, "admins", &lifted).await.unwrap_err();
    assert_eq!(status::reason_of(&refused).as_deref(), Some("ROLE_TOO_LOW"));
}

#[tokio::test]
async fn no_token_is_printed_even_at_the_finest_level() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let server = server().await;
    let token = service_token(service_secret(), 0);
    ask_with(&server, "any", &[bearer(KEY)]).await.unwrap();
    ask_with(&server, "any", &[bearer("hk_canary_unknown")])
        .await
        .unwrap_err();
    ask_with(&server, "any", &[bearer(&token)]).await.unwrap();
    let channel = server.channel("gateway");
    tracing::info!(?channel, debug = ?channel.for_no_organization(), "printed");
    drop(guard);

    let printed = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(printed.contains("printed"), "the log was on");
    // The caller's own transport may trace its frames; nothing of ours names a header's value.
    let ours: Vec<_> = printed
        .lines()
        .filter(|line| !line.contains("h2::"))
        .collect();
    for canary in ["hk_canary", token.as_str(), "only tests use"] {
        let found: Vec<_> = ours.iter().filter(|line| line.contains(canary)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
