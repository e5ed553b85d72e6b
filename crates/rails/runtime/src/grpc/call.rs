//! One call as it is seen from outside: which method, how it ended, how long it took.

use std::collections::HashSet;
use std::sync::Arc;

use harken_contracts::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tokio::time::Instant;
use tonic::Code;
use tracing::{Span, field};

/// The methods that may stand in a metric or a span: a caller cannot make up more.
#[derive(Clone, Debug)]
pub(super) struct Methods {
    known: Arc<HashSet<String>>,
}

impl Methods {
    /// The methods of our contracts, of health and of reflection.
    pub(super) fn known() -> Self {
        let sets = [
            FILE_DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ];
        let mut known = HashSet::new();
        for set in sets
            .into_iter()
            .filter_map(|set| FileDescriptorSet::decode(set).ok())
        {
            for file in &set.file {
                for service in &file.service {
                    known.extend(service.method.iter().map(|method| {
                        format!("/{}.{}/{}", file.package(), service.name(), method.name())
                    }));
                }
            }
        }
        Self {
            known: Arc::new(known),
        }
    }

    fn name(&self, path: &str) -> (String, String) {
        let known = self
            .known
            .get(path)
            .map(|path| path.trim_start_matches('/'));
        let named = known.and_then(|path| path.split_once('/'));
        let (service, method) = named.unwrap_or(("unknown", "unknown"));
        (service.to_owned(), method.to_owned())
    }
}

/// A call under way. Counted once, when it ends or is dropped.
#[derive(Debug)]
pub(super) struct Call {
    service: String,
    method: String,
    begun: Instant,
    span: Span,
    ended: bool,
}

impl Call {
    pub(super) fn begin(methods: &Methods, path: &str, request_id: &str) -> Self {
        let (service, method) = methods.name(path);
        let span = tracing::info_span!(
            "grpc.call",
            otel.name = format!("grpc.{service}.{method}"),
            otel.kind = "server",
            rpc.service = service,
            rpc.method = method,
            rpc.code = field::Empty,
            request.id = request_id,
            organization.id = field::Empty,
        );
        Self {
            service,
            method,
            begun: Instant::now(),
            span,
            ended: false,
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let code = name_of(code);
        self.span.record("rpc.code", code);
        let labels = [
            ("service", self.service.clone()),
            ("method", self.method.clone()),
        ];
        metrics::histogram!("harken_grpc_request_seconds", &labels)
            .record(self.begun.elapsed().as_secs_f64());
        let [service, method] = labels;
        metrics::counter!(
            "harken_grpc_requests_total",
            &[service, method, ("code", code.to_owned())]
        )
        .increment(1);
    }
}

/// Whoever drops a call before its end has gone away.
impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_of_the_contracts_are_named() {
        let methods = Methods::known();
        let (service, method) = methods.name("/harken.auth.v1.Auth/VerifyApiKey");
        assert_eq!(
            (&*service, &*method),
            ("harken.auth.v1.Auth", "VerifyApiKey")
        );
        assert_eq!(methods.name("/made.up/Thing").0, "unknown");
    }
}
