use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;

use super::body::Unread;
use crate::rules::outcome::{Outcome, Refusal};

pub(super) type Answer = Response<Full<Bytes>>;

/// Says where a notification was kept.
const STORED: &str = "harken-stored";
const RETRY_AFTER_SECS: HeaderValue = HeaderValue::from_static("60");

/// What is wrong, as `application/problem+json`. Nothing of what was sent is told back.
#[derive(Debug, Serialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// A word that a program can tell apart.
    reason: &'static str,
    /// The header or field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    remedy: &'static str,
}

pub(super) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

pub(super) fn of(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Kept(place) => {
            let mut answer = empty(StatusCode::OK);
            let place = HeaderValue::from_static(place.as_str());
            answer.headers_mut().insert(STORED, place);
            answer
        }
        Outcome::Heard => empty(StatusCode::OK),
        Outcome::Refused(refusal) => refused(refusal),
    }
}

pub(super) fn unread(unread: Unread) -> Answer {
    match unread {
        Unread::Refused(refusal) => closing(refused(refusal)),
        Unread::Broken => bad_request("the body is not framed as HTTP frames bodies"),
    }
}

/// A request that two readers could take differently. The connection ends with it.
pub(super) fn bad_request(detail: &str) -> Answer {
    closing(problem(
        StatusCode::BAD_REQUEST,
        detail.to_owned(),
        "BAD_REQUEST",
        None,
        "send one plain HTTP request",
    ))
}

pub(super) fn not_found() -> Answer {
    problem(
        StatusCode::NOT_FOUND,
        "there is nothing at this address".to_owned(),
        "NOT_FOUND",
        None,
        "take the address from the connection's settings",
    )
}

pub(super) fn wrong_method(allowed: &'static str) -> Answer {
    let mut answer = problem(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("this address takes {allowed}"),
        "METHOD_NOT_ALLOWED",
        None,
        "send the notification with POST",
    );
    let allowed = HeaderValue::from_static(allowed);
    answer.headers_mut().insert(header::ALLOW, allowed);
    answer
}

pub(super) fn malformed(field: Option<&'static str>, detail: String) -> Answer {
    problem(
        StatusCode::BAD_REQUEST,
        detail,
        "MALFORMED",
        field,
        "send the JSON object that Intercom's webhooks carry",
    )
}

/// Lets the connection end with this answer.
pub(super) fn closing(mut answer: Answer) -> Answer {
    let close = HeaderValue::from_static("close");
    answer.headers_mut().insert(header::CONNECTION, close);
    answer
}

pub(super) fn unavailable(detail: &str) -> Answer {
    let mut answer = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        detail.to_owned(),
        "UNAVAILABLE",
        None,
        "send it again",
    );
    answer
        .headers_mut()
        .insert(header::RETRY_AFTER, RETRY_AFTER_SECS);
    answer
}

fn refused(refusal: Refusal) -> Answer {
    use harken_intercom::webhook::Unreadable;
    match refusal {
        Refusal::Signature | Refusal::NoSecret => problem(
            StatusCode::UNAUTHORIZED,
            "the signature is missing, or is not that of this body under a valid secret".to_owned(),
            "SIGNATURE",
            Some("X-Hub-Signature"),
            "sign the raw body with the app's client secret: sha1= and the HMAC-SHA1 in lower-case hexadecimal",
        ),
        Refusal::Malformed(unreadable) => {
            let field = match unreadable {
                Unreadable::Field { field } => Some(field),
                _ => None,
            };
            malformed(field, unreadable.to_string())
        }
        Refusal::TooLarge => problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than this address takes".to_owned(),
            "TOO_LARGE",
            None,
            "send at most 1 MiB",
        ),
        Refusal::TooSlow => problem(
            StatusCode::REQUEST_TIMEOUT,
            "the body did not come in time".to_owned(),
            "TOO_SLOW",
            None,
            "send the whole request within 9 seconds",
        ),
        Refusal::NotKept => unavailable("the notification cannot be kept for now"),
        Refusal::NoKeys => unavailable("signatures cannot be verified for now"),
        Refusal::Full => unavailable("too much is being taken in for now"),
    }
}

fn problem(
    status: StatusCode,
    detail: String,
    reason: &'static str,
    field: Option<&'static str>,
    remedy: &'static str,
) -> Answer {
    let problem = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        reason,
        field,
        remedy,
    };
    let json = serde_json::to_vec(&problem).unwrap_or_default();
    let mut answer = Response::new(Full::new(json.into()));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static("application/problem+json");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
