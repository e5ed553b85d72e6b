//! What the bus tells, handed on to who watches.

mod connection_changed;
mod record_changed;
mod run_changed;
mod score_changed;

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use harken_bus::{Bus, Delivery, Undecodable, WatchError, WatchFrom};
use harken_contracts::convert::datetime;
use harken_contracts::events::Event as _;
use harken_contracts::subjects::{self, Stream};
use harken_contracts::wire::events::v1::{
    ConnectionClosed, ConnectionErased, ConnectionOpened, RecordChanged, RunEnded, RunProgressed,
    ScoreChanged,
};
use harken_contracts::wire::types::v1::OnDisconnect;
use harken_runtime::Shutdown;
use prost_types::Timestamp;
use serde_json::Value;

use crate::app::{Activity, Live, Told};
use crate::rules::place::{Place, Source};

/// How long to wait before the bus is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How many messages of each stream are read again at the start, so that who comes back after a restart misses nothing.
const READ_AGAIN: [(Stream, Source, u64); 2] = [
    (Stream::Signal, Source::Signal, 1_024),
    (Stream::Record, Source::Record, 256),
];

/// Whom it tells.
#[derive(Clone, Debug)]
pub(crate) struct Listeners {
    pub(crate) live: Live,
    pub(crate) activity: Activity,
}

/// Follows the bus until the process stops. A bus that is away leaves pages as they are: they are read, not pushed.
pub(crate) async fn follow(bus: Bus, listeners: Listeners, shutdown: Shutdown) {
    let following = async {
        loop {
            if let Err(cause) = Box::pin(follow_once(&bus, &listeners)).await {
                tracing::warn!(error = %cause, "live updates are away");
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    };
    tokio::select! {
        () = following => {}
        () = shutdown.requested() => {}
    }
}

async fn follow_once(bus: &Bus, listeners: &Listeners) -> Result<(), WatchError> {
    let place = match listeners.live.place() {
        Some(place) => place,
        None => beginning(bus).await?,
    };
    let signals = vec![
        subjects::all_runs(),
        subjects::all_scores(),
        subjects::all_connections(),
    ];
    let signals = bus.watch(signals, WatchFrom::After(place.of(Source::Signal)));
    let records = vec![subjects::all_records()];
    let records = bus.watch(records, WatchFrom::After(place.of(Source::Record)));
    let (mut signals, mut records) = (pin!(signals.await?), pin!(records.await?));
    if listeners.live.place().is_none() {
        listeners.live.begin(place);
    }
    loop {
        let (source, delivery) = tokio::select! {
            // What happened is told before what followed from it.
            biased;
            delivery = records.next() => (Source::Record, delivery),
            delivery = signals.next() => (Source::Signal, delivery),
        };
        let Some(delivery) = delivery else {
            return Ok(());
        };
        match read(&delivery, &listeners.activity) {
            Ok(told) => {
                let origin = (source, delivery.sequence);
                listeners.live.tell(origin, delivery.organization, told);
            }
            Err(cause) => tracing::warn!(error = %cause, "an event cannot be read"),
        }
    }
}

async fn beginning(bus: &Bus) -> Result<Place, WatchError> {
    let mut place = Place::default();
    for (stream, source, again) in READ_AGAIN {
        let end = bus.position(stream).await?;
        place = place.after(source, end.saturating_sub(again));
    }
    Ok(place)
}

/// What a message says to who watches: nothing, where it is newer than this reader.
fn read(delivery: &Delivery, activity: &Activity) -> Result<Vec<Told>, Undecodable> {
    let one = |name, data: Value| {
        let data = data.to_string();
        vec![Told { name, data }]
    };
    Ok(match delivery.event_type.as_str() {
        RecordChanged::TYPE => {
            let event = delivery.decode()?;
            for entry in record_changed::entries(&event) {
                activity.note(delivery.organization, entry);
            }
            record_changed::told(&event)
        }
        ScoreChanged::TYPE => {
            let event = delivery.decode()?;
            for (customer, at, movement) in score_changed::movements(&event) {
                let whose = (delivery.organization, delivery.connection);
                activity.moved(whose, customer, at, movement);
            }
            score_changed::told(&event)
        }
        RunProgressed::TYPE => {
            activity.importing(delivery.connection, None);
            one("run", run_changed::progressed(&delivery.decode()?))
        }
        RunEnded::TYPE => {
            let event: RunEnded = delivery.decode()?;
            if let Some(ended) = event.ended_at.as_ref().and_then(|at| datetime(at).ok()) {
                activity.importing(delivery.connection, Some(ended));
            }
            one("run", run_changed::ended(&event))
        }
        ConnectionOpened::TYPE => one(
            "connection",
            connection_changed::opened(&delivery.decode()?),
        ),
        ConnectionClosed::TYPE => {
            let event: ConnectionClosed = delivery.decode()?;
            if event.on_disconnect() == OnDisconnect::Purge {
                activity.forget(delivery.organization, delivery.connection);
            }
            one("connection", connection_changed::closed(&event))
        }
        ConnectionErased::TYPE => one(
            "connection",
            connection_changed::erased(&delivery.decode()?),
        ),
        _ => Vec::new(),
    })
}

/// A moment as JSON has it.
fn at(timestamp: Option<&Timestamp>) -> Value {
    let moment = timestamp.and_then(|at| datetime(at).ok());
    moment.map_or(Value::Null, |at| at.to_rfc3339().into())
}
