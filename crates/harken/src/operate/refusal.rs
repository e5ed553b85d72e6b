use harken_runtime::status::reason_of;
use tonic::{Code, Status};

use crate::failure::{Failure, FailureKind};
use crate::output::plain;

/// A status, and who gave it.
pub(super) struct Refused<'s> {
    pub(super) endpoint: &'s str,
    pub(super) status: &'s Status,
}

impl From<Refused<'_>> for Failure {
    fn from(refused: Refused<'_>) -> Self {
        let Refused { endpoint, status } = refused;
        let Some(reason) = reason_of(status) else {
            return without_reason(endpoint, status);
        };
        let message = plain(status.message());
        let kind = kind(status.code(), &reason);
        match remedy(&reason, status.code()) {
            Some(remedy) => Self::new(kind, format!("{message}; {remedy}")),
            None => Self::new(kind, message),
        }
    }
}

/// Answers of no service of ours: the way there is broken, or it is no Harken.
fn without_reason(endpoint: &str, status: &Status) -> Failure {
    let line = match status.code() {
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded => {
            format!(
                "no answer from {endpoint}; is the deployment up (`harken up`), and is that its gRPC address?"
            )
        }
        Code::Unimplemented => {
            format!(
                "{endpoint} does not know this command; it may be older than this harken, or another port"
            )
        }
        code => format!("{endpoint} answered {code:?}: {}", plain(status.message())),
    };
    Failure::new(kind(status.code(), ""), line)
}

fn kind(code: Code, reason: &str) -> FailureKind {
    match (code, reason) {
        (
            _,
            "TOKEN_REFUSED"
            | "PERMISSION_MISSING"
            | "WORKSPACE_OF_ANOTHER_ORGANIZATION"
            | "WORKSPACE_DIFFERS",
        ) => FailureKind::Refused,
        (_, "NAME_DIFFERS" | "NOT_BY_TOKEN" | "STILL_CONNECTED") => FailureKind::Input,
        (_, "STILL_ERASING") => FailureKind::Unavailable,
        (_, "INTERCOM_UNREACHABLE" | "INTERCOM_UNAVAILABLE") => FailureKind::Unavailable,
        (Code::InvalidArgument | Code::OutOfRange, _) => FailureKind::Input,
        (Code::NotFound, _) => FailureKind::NotFound,
        (Code::Unauthenticated | Code::PermissionDenied, _) => FailureKind::Refused,
        (Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted, _) => {
            FailureKind::Unavailable
        }
        (Code::Unknown | Code::Cancelled, "") => FailureKind::Unavailable,
        _ => FailureKind::Other,
    }
}

/// What to do, where the service's own words cannot know it.
fn remedy(reason: &str, code: Code) -> Option<&'static str> {
    match (reason, code) {
        ("TOKEN_REFUSED", _) => {
            Some("copy the whole token from Intercom's Developer Hub and try again")
        }
        ("INTERCOM_UNREACHABLE", _) => Some("check the network of the deployment and try again"),
        ("ALREADY_CONNECTED", _) => Some("see `harken connection list`"),
        (_, Code::Unauthenticated) => {
            Some("make a key with `harken key create`, or name another by --api-key-file")
        }
        (_, Code::PermissionDenied) => Some("use an API key with a stronger role"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use harken_runtime::status;

    use super::*;

    fn failure(status: &Status) -> Failure {
        Refused {
            endpoint: "http://127.0.0.1:7401",
            status,
        }
        .into()
    }

    #[test]
    fn each_kind_of_refusal_ends_with_its_own_code() {
        let table = [
            (status::not_found("customer"), 66),
            (status::invalid_argument("name", "must not be empty"), 64),
            (
                status::unauthenticated("API_KEY_UNKNOWN", "that API key is not known"),
                77,
            ),
            (
                status::permission_denied("ROLE_TOO_WEAK", "an admin is needed"),
                77,
            ),
            (
                status::failed_precondition("TOKEN_REFUSED", "Intercom refused the token"),
                77,
            ),
            (
                status::unavailable("INTERCOM_UNREACHABLE", "Intercom cannot be reached"),
                69,
            ),
            (Status::unavailable("tcp connect error"), 69),
            (Status::unknown("transport error"), 69),
            (Status::internal("bare"), 1),
        ];
        for (status, code) in table {
            let failure = failure(&status);
            assert_eq!(failure.kind.exit_code(), code, "{failure}");
            assert!(!failure.to_string().contains('\n'), "{failure}");
        }
    }

    #[test]
    fn a_broken_way_names_the_address_and_not_the_transport() {
        let line = failure(&Status::unavailable("tcp connect error")).to_string();
        assert!(
            line.contains("127.0.0.1:7401") && !line.contains("tcp"),
            "{line}"
        );
    }
}
