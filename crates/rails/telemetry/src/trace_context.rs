//! The W3C trace context (`traceparent`, `tracestate`) that rides in headers.

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The headers that carry the current span to another process; none outside a trace.
pub fn inject() -> Vec<(String, String)> {
    let mut headers = Pairs(Vec::new());
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut headers);
    headers.0.retain(|(_, value)| !value.is_empty());
    headers.0
}

/// Writes the headers of the current span among `headers`.
pub fn inject_http(headers: &mut http::HeaderMap) {
    for (name, value) in inject() {
        let name = http::HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
}

/// The context that came with `headers`; empty if they carry none.
pub fn extract(headers: &[(String, String)]) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Read(headers))
}

/// The context that came with HTTP headers or gRPC metadata; empty if they carry none.
pub fn extract_http(headers: &http::HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &ReadHttp(headers))
}

/// Makes `span` a child of the span that sent `headers`.
pub fn continue_from(span: &Span, headers: &[(String, String)]) {
    adopt(span, extract(headers));
}

/// Makes `span` a child of the span that sent these HTTP headers or gRPC metadata.
pub fn continue_from_http(span: &Span, headers: &http::HeaderMap) {
    adopt(span, extract_http(headers));
}

fn adopt(span: &Span, parent: Context) {
    if let Err(cause) = span.set_parent(parent) {
        tracing::trace!(error = %cause, "span takes no parent");
    }
}

struct Pairs(Vec<(String, String)>);

impl Injector for Pairs {
    fn set(&mut self, key: &str, value: String) {
        self.0.push((key.to_owned(), value));
    }
}

struct Read<'h>(&'h [(String, String)]);

impl Extractor for Read<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}

struct ReadHttp<'h>(&'h http::HeaderMap);

impl Extractor for ReadHttp<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TraceContextExt as _;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_context_is_read_from_headers_whatever_their_case() {
        let headers = vec![("Traceparent".to_owned(), PARENT.to_owned())];
        let context = extract(&headers);
        let trace = context.span().span_context().trace_id().to_string();
        assert_eq!(trace, "0af7651916cd43dd8448eb211c80319c");
    }

    #[test]
    fn a_broken_header_begins_nothing() {
        let headers = vec![("traceparent".to_owned(), "00-zz-zz-01".to_owned())];
        assert!(!extract(&headers).has_active_span());
    }

    #[test]
    fn outside_a_trace_nothing_is_sent() {
        assert!(inject().is_empty());
    }
}
