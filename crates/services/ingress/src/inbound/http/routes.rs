use http::{Method, Request, Version, header};
use hyper::body::Incoming;

use super::answer::{self, Answer};
use super::serve::{Door, Received};
use super::{uninstall, webhook};
use crate::rules::address::Address;

const ALLOWED: &str = "POST, HEAD";

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Notifications. Of an address that cannot be anybody's, there is none.
    Webhook(Option<Address>),
    /// Notices of uninstalls.
    Uninstall,
}

/// Every address of the edge. What Intercom's Canvas Kit asks belongs here too, under the other signature.
fn place(path: &str) -> Option<Place> {
    match path.strip_prefix("/api/v1/")? {
        "webhooks/intercom" => Some(Place::Webhook(Some(Address::Deployment))),
        "intercom/uninstall" => Some(Place::Uninstall),
        other => {
            let connection = other.strip_prefix("webhooks/intercom/")?;
            if connection.is_empty() || connection.contains('/') {
                return None;
            }
            Some(Place::Webhook(connection.parse().ok().map(Address::OwnApp)))
        }
    }
}

/// Answers a request.
pub(super) async fn answer(door: &Door, received: Received) -> Answer {
    if let Some(ambiguity) = ambiguity(&received.request) {
        return answer::bad_request(ambiguity);
    }
    let place = place(received.request.uri().path());
    // A chunked body ends where its chunks say. Whoever read it otherwise must not go on.
    let is_chunked = received
        .request
        .headers()
        .contains_key(header::TRANSFER_ENCODING);
    let answer = match (place, received.request.method()) {
        (None, _) => answer::closing(answer::not_found()),
        // Intercom asks so when the address is saved.
        (Some(_), &Method::HEAD) => answer::empty(http::StatusCode::OK),
        (Some(Place::Webhook(address)), &Method::POST) => {
            webhook::answer(door, address, received).await
        }
        (Some(Place::Uninstall), &Method::POST) => uninstall::answer(door, received).await,
        (Some(_), _) => answer::closing(answer::wrong_method(ALLOWED)),
    };
    if is_chunked {
        return answer::closing(answer);
    }
    answer
}

/// What makes two readers see two requests, where the parser lets it pass.
fn ambiguity(request: &Request<Incoming>) -> Option<&'static str> {
    let headers = request.headers();
    if headers.contains_key(header::TRANSFER_ENCODING)
        && headers.contains_key(header::CONTENT_LENGTH)
    {
        return Some("it has both Content-Length and Transfer-Encoding");
    }
    if request.version() > Version::HTTP_11 {
        return None;
    }
    if request.uri().authority().is_some() {
        return Some("its target is not a path");
    }
    if request.version() == Version::HTTP_11 && headers.get_all(header::HOST).iter().count() != 1 {
        return Some("it does not name its host once");
    }
    None
}

#[cfg(test)]
mod tests {
    use harken_domain::ConnectionId;

    use super::*;

    #[test]
    fn addresses_are_exact() {
        let connection = ConnectionId::derive(&[b"c"]);
        let own = format!("/api/v1/webhooks/intercom/{connection}");
        let table = [
            (
                "/api/v1/webhooks/intercom",
                Some(Place::Webhook(Some(Address::Deployment))),
            ),
            (
                own.as_str(),
                Some(Place::Webhook(Some(Address::OwnApp(connection)))),
            ),
            (
                "/api/v1/webhooks/intercom/con_x",
                Some(Place::Webhook(None)),
            ),
            ("/api/v1/intercom/uninstall", Some(Place::Uninstall)),
            ("/api/v1/webhooks/intercom/", None),
            ("/api/v1/webhooks/intercom/a/b", None),
            ("/api/v1//webhooks/intercom", None),
            ("/api/v1/webhooks/intercomx", None),
            ("/", None),
            ("*", None),
        ];
        for (path, expected) in table {
            assert_eq!(place(path), expected, "{path}");
        }
    }
}
