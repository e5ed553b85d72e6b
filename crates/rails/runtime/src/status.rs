//! The few forms in which a gRPC error is answered. Each carries a reason that a program can tell apart.

use std::error::Error;
use std::fmt::Write as _;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::grpc::request_id;

/// `ErrorInfo.domain` of every reason.
const DOMAIN: &str = "harken";

/// The thing is not there, or is another organization's. `what` is a noun: `customer`.
pub fn not_found(what: &str) -> Status {
    with_reason(
        Code::NotFound,
        "NOT_FOUND",
        format!("there is no such {what}"),
    )
}

/// A field of the request cannot be used. `problem` says what is wrong and what would be right.
pub fn invalid_argument(field: &str, problem: impl Into<String>) -> Status {
    let problem = problem.into();
    let mut details = ErrorDetails::with_bad_request_violation(field, problem.clone());
    details.set_error_info(
        "INVALID_ARGUMENT",
        DOMAIN,
        [("field".to_owned(), field.to_owned())],
    );
    Status::with_error_details(
        Code::InvalidArgument,
        format!("{field}: {problem}"),
        details,
    )
}

/// The request is sound but the state of things forbids it.
pub fn failed_precondition(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::FailedPrecondition, reason, message)
}

/// There is one already.
pub fn already_exists(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::AlreadyExists, reason, message)
}

/// The caller is known but may not do this.
pub fn permission_denied(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::PermissionDenied, reason, message)
}

/// The caller is not known. `message` says what to send.
pub fn unauthenticated(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::Unauthenticated, reason, message)
}

/// Something needed is away for now; the same request may succeed later.
pub fn unavailable(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::Unavailable, reason, message)
}

/// There is more of something than is permitted.
pub fn resource_exhausted(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::ResourceExhausted, reason, message)
}

/// Something broke on our side: logs `error` with its causes, once, and answers only what to quote.
pub fn internal(error: &(dyn Error + 'static)) -> Status {
    tracing::error!(error = chain(error), "request failed");
    let message = request_id().map_or_else(
        || "something broke on our side".to_owned(),
        |id| format!("something broke on our side; its log lines carry request id {id}"),
    );
    with_reason(Code::Internal, "INTERNAL", message)
}

/// The reason inside a status of another service, if it carries one.
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// The field that a status of another service complains about, if it names one.
pub fn field_of(status: &Status) -> Option<String> {
    let violations = status.get_details_bad_request()?.field_violations;
    violations
        .into_iter()
        .next()
        .map(|violation| violation.field)
}

fn with_reason(code: Code, reason: &str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, []);
    Status::with_error_details(code, message, details)
}

/// An error and all that caused it, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let _ = write!(line, ": {next}");
        cause = next.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_bad_field_is_named_in_words_and_in_details() {
        let status = invalid_argument("page.page_size", "must be 1 to 500");
        assert_eq!(status.message(), "page.page_size: must be 1 to 500");
        assert_eq!(field_of(&status).as_deref(), Some("page.page_size"));
    }

    #[test]
    fn a_reason_can_be_told_apart_by_a_program() {
        let status = failed_precondition("RUN_ACTIVE", "a run is active");
        assert_eq!(reason_of(&status).as_deref(), Some("RUN_ACTIVE"));
        assert_eq!(reason_of(&Status::internal("bare")), None);
    }

    #[test]
    fn what_broke_on_our_side_is_not_told_to_the_caller() {
        let status = internal(&io::Error::other("password=hunter2"));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("hunter2"));
    }
}
