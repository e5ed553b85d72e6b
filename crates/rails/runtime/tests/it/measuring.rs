use harken_contracts::wire::directory::v1::ExportRequest;
use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_testkit::{TestServer, eventually};
use http::uri::PathAndQuery;
use metrics_exporter_prometheus::PrometheusBuilder;
use tonic::client::Grpc;
use tonic_prost::ProstCodec;

use crate::directory::{TestDirectory, ask};

#[tokio::test]
async fn calls_are_counted_by_method_and_by_how_they_ended() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let server = TestServer::start(TestDirectory::new().services()).await;
    let channel = server.channel("gateway").for_no_organization();
    let mut client = DirectoryClient::new(channel.clone());
    client.get_customer(ask("any")).await.unwrap();
    client.get_customer(ask("panic")).await.unwrap_err();
    drop(client.export(ExportRequest::default()).await.unwrap());
    let mut stranger = Grpc::new(channel);
    stranger.ready().await.unwrap();
    let made_up = PathAndQuery::from_static("/made.up/Method");
    let codec = ProstCodec::<(), ()>::default();
    stranger
        .unary(tonic::Request::new(()), made_up, codec)
        .await
        .unwrap_err();

    let counted = |method: &str, code: &str| {
        let rendered = metrics.render();
        rendered.lines().any(|line| {
            line.starts_with("harken_grpc_requests_total")
                && line.contains(&format!("method=\"{method}\""))
                && line.contains(&format!("code=\"{code}\""))
                && line.ends_with(" 1")
        })
    };
    for (method, code) in [
        ("GetCustomer", "OK"),
        ("GetCustomer", "INTERNAL"),
        ("Export", "CANCELLED"),
        ("unknown", "UNIMPLEMENTED"),
    ] {
        eventually(&format!("{method} {code}"), async || counted(method, code)).await;
    }
    assert!(!metrics.render().contains("made.up"));
    assert!(metrics.render().contains("harken_grpc_request_seconds"));
}
