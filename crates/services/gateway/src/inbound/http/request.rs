//! What every request carries from the first moment: an id, a span, its place in the metrics.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use harken_telemetry::trace_context;
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::{Instrument as _, field};

use super::refusal::Refusal;
use super::render;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a person quotes so that we find the request in the log.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// Serves a request within its span, counts it, and gives a refusal its form.
pub(crate) async fn observed(mut request: Request, next: Next) -> Response {
    let id = RequestId(format!("req_{}", hex::encode(rand::random::<[u8; 8]>())));
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let wanted = render::Form::of(&request);
    let span = tracing::info_span!(
        "http.request",
        otel.name = format!("http {method} {route}"),
        otel.kind = "server",
        http.method = method,
        http.route = route,
        http.status = field::Empty,
        request.id = id.0,
    );
    trace_context::continue_from_http(&span, request.headers());
    request.extensions_mut().insert(id.clone());
    let begun = Instant::now();

    let served = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .instrument(span.clone())
        .await;
    let response = served.unwrap_or_else(|_| {
        span.in_scope(|| tracing::error!("a handler panicked"));
        Refusal::from(tonic::Status::internal("a handler panicked")).into_response()
    });
    let mut response = render::formed(response, wanted, &id);

    let status = response.status().as_u16();
    span.record("http.status", status);
    let labels = [("method", method), ("route", route)];
    metrics::histogram!("harken_http_request_seconds", &labels)
        .record(begun.elapsed().as_secs_f64());
    let [method, route] = labels;
    metrics::counter!(
        "harken_http_requests_total",
        &[method, route, ("status", status.to_string())]
    )
    .increment(1);
    if let Ok(value) = HeaderValue::try_from(id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
