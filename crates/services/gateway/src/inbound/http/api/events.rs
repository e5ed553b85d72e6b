use std::convert::Infallible;
use std::time::Duration;

use async_stream::stream;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use http::HeaderMap;
use tokio::sync::broadcast::error::RecvError;

use super::caller::Caller;
use crate::app::{LiveEvent, Subscription};
use crate::inbound::http::render::Problem;
use crate::rules::place::Place;

/// How long a stream lasts: then its reader comes back, and shows again who it is.
const LASTS: Duration = Duration::from_mins(15);
const RETRY: Duration = Duration::from_secs(2);

/// Streams what changes, as server-sent events. `score.changed` tells one customer's score before and after with the reason;
/// `contact.created`, `.updated`, `.deleted`, `conversation.created`, `.updated`, `.closed`, `.reopened`, `.assigned`,
/// `.deleted` and `conversation_part.created`, `.redacted` tell of records by their ids, without content; `run` tells
/// progress and end of syncs, `connection` of connections. What a sync reads for the first time is no event.
///
/// Events carry ids. A reader that comes back with `Last-Event-ID` gets what it missed, or one event `reset` if that is no
/// longer known; then it reads again what it shows. An event may come twice: `revision` tells old from new.
#[utoipa::path(get, path = "/events", operation_id = "watchEvents", tag = "events",
    params(("last-event-id" = Option<String>, Header, description = "Id of the last event that was seen")),
    responses((status = 200, description = "Events until the reader goes", content_type = "text/event-stream", body = String),
        Problem))]
pub(crate) async fn events(
    caller: Caller,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse::<Place>().ok());
    let organization = caller.acting.organization;
    let subscription = caller.gateway.live.watch(organization, seen);
    let shutdown = caller.gateway.shutdown.clone();
    let stream = stream! {
        let Subscription { missed, has_gap, mut coming } = subscription;
        yield Ok(Event::default().comment("listening").retry(RETRY));
        if has_gap {
            yield Ok(reset());
        }
        for event in missed {
            for one in told(&event) {
                yield Ok(one);
            }
        }
        let over = tokio::time::sleep(LASTS);
        tokio::pin!(over);
        loop {
            let next = tokio::select! {
                next = coming.recv() => next,
                () = &mut over => break,
                () = shutdown.requested() => break,
            };
            match next {
                Ok(event) if event.organization == organization => {
                    // Another process may have read on further before.
                    if seen.is_none_or(|seen| event.is_beyond(seen)) {
                        for one in told(&event) {
                            yield Ok(one);
                        }
                    }
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => yield Ok(reset()),
                Err(RecvError::Closed) => break,
            }
        }
    };
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// A reader that was cut off in the middle of a message gets all of it again.
fn told(event: &LiveEvent) -> impl Iterator<Item = Event> + use<> {
    let event = event.clone();
    let last = event.told.len() - 1;
    (0..=last).map(move |at| {
        let place = if at == last {
            event.place
        } else {
            event.before
        };
        Event::default()
            .id(place.to_string())
            .event(event.told[at].name)
            .data(&event.told[at].data)
    })
}

/// Something was missed: read again what you show.
fn reset() -> Event {
    Event::default().event("reset").data("{}")
}
