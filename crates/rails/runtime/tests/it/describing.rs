use futures::stream;
use harken_testkit::{TestServer, eventually};
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};

use crate::directory::TestDirectory;

async fn channel(server: &TestServer) -> Channel {
    Channel::from_shared(server.url())
        .unwrap()
        .connect()
        .await
        .unwrap()
}

#[tokio::test]
async fn reflection_lists_what_is_served_without_a_key() {
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;

    let server = TestServer::start(TestDirectory::new().services()).await;
    let mut client =
        v1::server_reflection_client::ServerReflectionClient::new(channel(&server).await);
    let list = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let describe = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol(
            "harken.directory.v1.Directory".to_owned(),
        )),
    };
    let asked = stream::iter([list, describe]);
    let mut answers = client
        .server_reflection_info(asked)
        .await
        .unwrap()
        .into_inner();

    let first = answers
        .message()
        .await
        .unwrap()
        .unwrap()
        .message_response
        .unwrap();
    let MessageResponse::ListServicesResponse(services) = first else {
        panic!("{first:?}");
    };
    let names: Vec<_> = services
        .service
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    assert!(
        names.contains(&"harken.directory.v1.Directory"),
        "{names:?}"
    );
    assert!(names.contains(&"grpc.health.v1.Health"), "{names:?}");
    assert!(
        !names.contains(&"harken.vault.v1.Vault"),
        "not served here: {names:?}"
    );

    let second = answers
        .message()
        .await
        .unwrap()
        .unwrap()
        .message_response
        .unwrap();
    assert!(
        matches!(second, MessageResponse::FileDescriptorResponse(_)),
        "{second:?}"
    );
}

#[tokio::test]
async fn older_tools_are_answered_by_the_older_reflection() {
    use v1alpha::server_reflection_request::MessageRequest;

    let server = TestServer::start(TestDirectory::new().services()).await;
    let channel = channel(&server).await;
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(channel);
    let list = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let asked = stream::iter([list]);
    let mut answers = client
        .server_reflection_info(asked)
        .await
        .unwrap()
        .into_inner();
    assert!(answers.message().await.unwrap().is_some());
}

#[tokio::test]
async fn health_follows_readiness() {
    let server = TestServer::start(TestDirectory::new().services()).await;
    let health = HealthClient::new(channel(&server).await);
    let status = async |service: &str| {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        health
            .clone()
            .check(request)
            .await
            .unwrap()
            .into_inner()
            .status()
    };
    let names = ["", "harken.directory.v1.Directory"];
    for name in names {
        eventually("serving", async || {
            status(name).await == ServingStatus::Serving
        })
        .await;
    }
    let gate = server.readiness.gate("bus");
    for name in names {
        eventually("not serving", async || {
            status(name).await == ServingStatus::NotServing
        })
        .await;
    }
    gate.open();
    eventually("serving again", async || {
        status("").await == ServingStatus::Serving
    })
    .await;
}
