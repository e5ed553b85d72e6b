//! What the bus tells, handed on to who watches.

mod connection_changed;
mod run_changed;
mod score_changed;

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use harken_bus::{Bus, Delivery, Undecodable, WatchFrom};
use harken_contracts::events::Event as _;
use harken_contracts::subjects;
use harken_contracts::wire::events::v1::{
    ConnectionClosed, ConnectionOpened, RunEnded, RunProgressed, ScoreChanged,
};
use harken_runtime::Shutdown;
use serde_json::Value;

use crate::app::{Live, LiveEvent, Topic};

/// How long to wait before the bus is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Follows the bus until the process stops. A bus that is away leaves pages as they are: they are read, not pushed.
pub(crate) async fn follow(bus: Bus, live: Live, shutdown: Shutdown) {
    let following = async {
        loop {
            if let Err(cause) = follow_once(&bus, &live).await {
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

async fn follow_once(bus: &Bus, live: &Live) -> Result<(), harken_bus::WatchError> {
    let subjects = vec![
        subjects::all_runs(),
        subjects::all_scores(),
        subjects::all_connections(),
    ];
    let mut deliveries = pin!(bus.watch(subjects, WatchFrom::New).await?);
    while let Some(delivery) = deliveries.next().await {
        match read(&delivery) {
            Ok(Some((topic, data))) => live.tell(LiveEvent {
                sequence: delivery.sequence,
                organization: delivery.organization,
                topic,
                data: data.to_string().into(),
            }),
            Ok(None) => {}
            Err(cause) => tracing::warn!(error = %cause, "an event cannot be read"),
        }
    }
    Ok(())
}

/// What an event says to who watches; none for events that are newer than this reader.
fn read(delivery: &Delivery) -> Result<Option<(Topic, Value)>, Undecodable> {
    Ok(match delivery.event_type.as_str() {
        RunProgressed::TYPE => Some((Topic::Run, run_changed::progressed(&delivery.decode()?))),
        RunEnded::TYPE => Some((Topic::Run, run_changed::ended(&delivery.decode()?))),
        ScoreChanged::TYPE => Some((Topic::Score, score_changed::changed(&delivery.decode()?))),
        ConnectionOpened::TYPE => Some((
            Topic::Connection,
            connection_changed::opened(&delivery.decode()?),
        )),
        ConnectionClosed::TYPE => Some((
            Topic::Connection,
            connection_changed::closed(&delivery.decode()?),
        )),
        _ => None,
    })
}
