use std::time::Duration;

use harken_contracts::wire::directory::v1::ExportRequest;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_runtime::{Shutdown, status};
use harken_testkit::{TestServer, eventually};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::JoinSet;
use tonic::Code;

use crate::directory::{TestDirectory, ask};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_stopping_server_ends_what_it_began_and_takes_nothing_new() {
    let directory = TestDirectory::new();
    let server = TestServer::start(directory.services()).await;
    let mut client = DirectoryClient::new(server.channel("gateway").for_no_organization());
    let mut watching = client
        .clone()
        .export(ExportRequest::default())
        .await
        .unwrap()
        .into_inner();
    watching.message().await.unwrap();
    let mut slow = JoinSet::new();
    slow.spawn(async move { client.get_customer(ask("slow")).await });
    directory.arrived.acquire().await.unwrap().forget();

    server.stop();
    eventually("not ready", async || {
        !server.readiness.snapshot().await.ready
    })
    .await;
    let address = server.url().replace("http://", "");
    eventually("nobody is let in", async || {
        TcpStream::connect(&address).await.is_err()
    })
    .await;

    let ended = watching.message().await.unwrap_err();
    assert_eq!(ended.code(), Code::Unavailable);
    assert_eq!(status::reason_of(&ended).as_deref(), Some("STOPPING"));

    directory.gate.add_permits(1);
    assert!(
        slow.join_next().await.unwrap().unwrap().is_ok(),
        "what was under way is answered"
    );
    let drained = server.tasks.drain(PATIENCE).await;
    assert!(drained.unfinished.is_empty(), "{:?}", drained.unfinished);
    drained.into_result().unwrap();
}

#[tokio::test]
async fn sigterm_requests_the_shutdown() {
    let shutdown = Shutdown::on_signals().unwrap();
    assert!(!shutdown.is_requested());
    let own = std::process::id().to_string();
    let sent = Command::new("kill")
        .args(["-TERM", &own])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
    tokio::time::timeout(PATIENCE, shutdown.requested())
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_method_that_does_not_end_holds_a_stop_up_for_fifteen_seconds_at_most() {
    let directory = TestDirectory::new();
    let server = TestServer::start(directory.services()).await;
    let mut client = DirectoryClient::new(server.channel("gateway").for_no_organization());
    let mut slow = JoinSet::new();
    slow.spawn(async move { client.get_customer(ask("slow")).await });
    directory.arrived.acquire().await.unwrap().forget();
    let begun = tokio::time::Instant::now();
    server.stop();
    let drained = server.tasks.drain(PATIENCE).await;
    assert!(drained.unfinished.is_empty(), "{:?}", drained.unfinished);
    assert_eq!(begun.elapsed().as_secs(), 15);
}
