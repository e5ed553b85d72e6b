use std::time::Duration;

use harken_testkit::{SpanLog, TestBus, eventually_some};
use tracing::Instrument as _;

use crate::house::{Working, company, done, spec};

#[tokio::test]
async fn a_message_is_handled_in_the_trace_of_its_publisher() {
    let log = SpanLog::open();
    let bus = TestBus::open().await;
    let publishing = async { bus.publish(company("acme")).await };
    publishing
        .instrument(tracing::info_span!("test.publish"))
        .await
        .unwrap();
    let working = Working::start(&bus, spec(), done);
    working.has_seen(1).await;
    working.stop().await;

    let published = eventually_some("the publisher's span", async || {
        log.named("test.publish", |_| true).pop()
    })
    .await;
    let handled = eventually_some("the consumer's span", async || {
        log.named("bus.batch.handle", |span| {
            span.parent_span_id == published.span_context.span_id()
        })
        .pop()
    })
    .await;
    assert_eq!(
        handled.span_context.trace_id(),
        published.span_context.trace_id()
    );
    assert!(handled.end_time.duration_since(handled.start_time).unwrap() >= Duration::ZERO);
}
