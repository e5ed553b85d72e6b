use harken_contracts::wire::auth::v1::GetOrganizationRequest;
use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_contracts::wire::directory::v1::{ExportRequest, ListCustomersRequest};
use harken_runtime::{Authorized, status};
use harken_testkit::TestServer;
use tonic::{Code, Request};

use crate::directory::{TestDirectory, ask};

async fn open() -> (TestServer, DirectoryClient<Authorized>) {
    let server = TestServer::start(TestDirectory::new().services()).await;
    let client = DirectoryClient::new(server.channel("gateway").for_no_organization());
    (server, client)
}

#[tokio::test]
async fn a_panic_is_answered_and_harms_nobody_else() {
    let (_server, mut client) = open().await;
    let broken = client.get_customer(ask("panic")).await.unwrap_err();
    assert_eq!(broken.code(), Code::Internal);
    assert!(!broken.message().contains("canary"));
    assert!(client.get_customer(ask("any")).await.is_ok());
}

#[tokio::test]
async fn a_panic_in_a_stream_ends_that_stream_alone() {
    let (_server, mut client) = open().await;
    let request = ExportRequest {
        connection_id: "con".to_owned(),
        ..ExportRequest::default()
    };
    let mut request = Request::new(request);
    request
        .metadata_mut()
        .insert("x-request-id", "ticket-4711".parse().unwrap());
    let mut stream = client.export(request).await.unwrap().into_inner();
    let broken = loop {
        if let Err(status) = stream.message().await {
            break status;
        }
    };
    assert_eq!(broken.code(), Code::Internal);
    assert!(broken.message().contains("ticket-4711"), "{broken}");
    assert!(client.get_customer(ask("any")).await.is_ok());
}

#[tokio::test]
async fn what_broke_can_be_quoted_by_its_request_id() {
    let (_server, mut client) = open().await;
    let mut request = Request::new(ask("broken"));
    request
        .metadata_mut()
        .insert("x-request-id", "ticket-4711".parse().unwrap());
    let broken = client.get_customer(request).await.unwrap_err();
    assert!(broken.message().contains("ticket-4711"), "{broken}");
    assert!(!broken.message().contains("canary"), "{broken}");
    assert_eq!(
        broken.metadata().get("x-request-id").unwrap(),
        "ticket-4711"
    );

    let answer = client.get_customer(ask("any")).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap().len(), 16);
}

#[tokio::test]
async fn a_request_over_four_mebibytes_is_refused() {
    let (_server, mut client) = open().await;
    let request = ListCustomersRequest {
        query: "x".repeat(harken_runtime::grpc::MAX_REQUEST_BYTES),
        ..ListCustomersRequest::default()
    };
    let refused = client.list_customers(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange);
}

#[tokio::test]
async fn a_service_that_is_not_here_is_unimplemented() {
    let (server, _client) = open().await;
    let mut auth = AuthClient::new(server.channel("gateway").for_no_organization());
    let refused = auth
        .get_organization(GetOrganizationRequest {})
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unimplemented);
    assert_eq!(status::reason_of(&refused), None);
}
