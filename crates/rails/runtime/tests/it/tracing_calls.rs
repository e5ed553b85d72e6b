use harken_contracts::wire::directory::v1::directory_client::DirectoryClient;
use harken_testkit::{SpanLog, TestServer, eventually_some};
use tracing::Instrument as _;

use crate::directory::{TestDirectory, ask};

#[tokio::test]
async fn a_call_goes_on_in_the_trace_of_its_caller() {
    let log = SpanLog::open();
    let server = TestServer::start(TestDirectory::new().services()).await;
    let mut client = DirectoryClient::new(server.channel("gateway").for_no_organization());
    client
        .get_customer(ask("any"))
        .instrument(tracing::info_span!("test.ask"))
        .await
        .unwrap();

    let asked = eventually_some("the caller's span", async || {
        log.named("test.ask", |_| true).pop()
    })
    .await;
    let answered = eventually_some("the server's span", async || {
        log.named("grpc.harken.directory.v1.Directory.GetCustomer", |span| {
            span.parent_span_id == asked.span_context.span_id()
        })
        .pop()
    })
    .await;
    assert_eq!(
        answered.span_context.trace_id(),
        asked.span_context.trace_id()
    );
    assert!(answered.parent_span_is_remote);
}
