use futures::{StreamExt as _, stream::BoxStream};
use harken_bus::{Bus, Delivery, WatchError, WatchFrom};
use harken_contracts::{subjects, wire::events::v1::ScoreChanged};
use harken_domain::Revision;
use harken_runtime::Shutdown;

use crate::app::{News, Notice, Scoring};

/// Whatever any process of ours scores from now on.
pub(crate) async fn watch(bus: &Bus) -> Result<BoxStream<'static, Delivery>, WatchError> {
    let deliveries = bus
        .watch(vec![subjects::all_scores()], WatchFrom::New)
        .await?;
    Ok(deliveries.boxed())
}

/// Tells the watchers of this process, until `shutdown`.
pub(crate) async fn follow(
    mut deliveries: BoxStream<'static, Delivery>,
    scoring: Scoring,
    shutdown: Shutdown,
) {
    loop {
        tokio::select! {
            delivery = deliveries.next() => match delivery {
                Some(delivery) => scoring.tell_of(&delivery),
                None => break,
            },
            () = shutdown.requested() => break,
        }
    }
    scoring.tell(News::Stopping);
}

impl Scoring {
    fn tell_of(&self, delivery: &Delivery) {
        match delivery.decode::<ScoreChanged>() {
            Ok(event) => self.tell(News::Moved(Notice {
                organization: delivery.organization,
                connection: delivery.connection,
                customers: event
                    .changes
                    .iter()
                    .filter_map(|change| {
                        Some((change.customer_id.parse().ok()?, Revision(change.revision)))
                    })
                    .collect(),
            })),
            Err(cause) => {
                tracing::warn!(
                    error = &cause as &dyn std::error::Error,
                    "a score cannot be told"
                );
            }
        }
    }
}
