use http::HeaderMap;
use tracing::Instrument as _;
use tracing::field::Empty;

use super::answer::{self, Answer};
use super::body::{self, MOST_BYTES, Unread};
use super::serve::{Door, Received};
use crate::app::Arrived;
use crate::rules::address::Address;
use crate::rules::key::Signed;
use crate::rules::outcome::{Outcome, Refusal};

/// Takes a notification. An address that cannot be anybody's is answered like a wrong signature.
pub(super) async fn answer(door: &Door, address: Option<Address>, received: Received) -> Answer {
    let began = tokio::time::Instant::now();
    let signed = signed(received.request.headers());
    let mut taken = door.room.clone().taken();
    let body = body::read(
        received.request.into_body(),
        MOST_BYTES,
        &mut taken,
        received.by,
    )
    .await;
    received.guest.enter(super::doorkeeper::Phase::Answer);
    let body = match body {
        Ok(body) => body,
        Err(unread) => {
            let outcome = match unread {
                Unread::Refused(refusal) => Outcome::Refused(refusal).as_str(),
                Unread::Broken => "broken",
            };
            count(outcome);
            if let (Some(address), Unread::Refused(Refusal::TooLarge)) = (address, unread) {
                door.edge.note_too_large(address).await;
            }
            return answer::unread(unread);
        }
    };
    let outcome = match address {
        Some(address) => {
            let arrived = Arrived {
                address,
                signed,
                body,
            };
            let span = tracing::info_span!(
                "ingress.notification.take",
                connection.id = Empty,
                outcome = Empty
            );
            door.edge.take(arrived).instrument(span).await
        }
        None => Outcome::Refused(Refusal::Signature),
    };
    count(outcome.as_str());
    metrics::histogram!("harken_ingress_answer_seconds").record(began.elapsed());
    answer::of(outcome)
}

fn signed(headers: &HeaderMap) -> Option<Signed> {
    let values = |name: &str| {
        headers
            .get_all(name)
            .into_iter()
            .map(http::HeaderValue::as_bytes)
    };
    Signed::read(values("x-hub-signature"), values("x-body-signature"))
}

fn count(outcome: &'static str) {
    metrics::counter!("harken_ingress_notifications_total", "outcome" => outcome).increment(1);
}
