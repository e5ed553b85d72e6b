use std::time::Duration;

use harken_bus::{Outgoing, PublishError};
use harken_runtime::Shutdown;

use super::Edge;
use crate::outbound::events::webhook_received;
use crate::outbound::postgres::spool::{self, Waiting};

/// How often the spool is looked at while nothing is in it, or the bus or Postgres is away.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What became of a part of the spool.
enum Drained {
    /// There was nothing, or somebody else has it.
    Nothing,
    /// All of it is on the bus.
    Some,
    /// The bus did not take all of it.
    BusAway,
}

impl Edge {
    /// Brings to the bus what it could not take at first.
    pub(super) async fn keep_draining(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            match self.drain().await {
                Ok(Drained::Some) => continue,
                Ok(Drained::Nothing | Drained::BusAway) => {}
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::debug!(error, "the spool cannot be read");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    /// Publishes the oldest part of the spool under the original ids and lets go of what the bus has. A kill in between
    /// publishes it again, under the same ids.
    async fn drain(&self) -> Result<Drained, sqlx::Error> {
        let mut transaction = self.store.begin().await?;
        let waiting = spool::oldest(&mut transaction).await?;
        if waiting.is_empty() {
            return Ok(Drained::Nothing);
        }
        let (mut done, mut hopeless) = (Vec::new(), Vec::new());
        let (mut ids, mut messages): (Vec<i64>, Vec<Outgoing>) = (Vec::new(), Vec::new());
        for Waiting {
            spool_id,
            message_id,
            message,
        } in waiting
        {
            match webhook_received::from_spool(&message_id, message) {
                Ok(message) => {
                    ids.push(spool_id);
                    messages.push(message);
                }
                Err(error) => {
                    let cause = &error as &dyn std::error::Error;
                    tracing::error!(error = cause, spool_id, "a spooled message is set aside");
                    hopeless.push(spool_id);
                }
            }
        }
        let mut is_away = false;
        for (id, published) in ids.into_iter().zip(self.bus.publish_all(messages).await) {
            match published {
                Ok(_) => done.push(id),
                Err(error @ (PublishError::TooLarge | PublishError::Header)) => {
                    let cause = &error as &dyn std::error::Error;
                    tracing::error!(
                        error = cause,
                        spool_id = id,
                        "a spooled message is set aside"
                    );
                    hopeless.push(id);
                }
                Err(_) => is_away = true,
            }
        }
        spool::remove(&mut transaction, &done).await?;
        if !hopeless.is_empty() {
            spool::set_aside(&mut transaction, &hopeless, self.clock.now()).await?;
        }
        transaction.commit().await?;
        metrics::counter!("harken_ingress_drained_total").increment(done.len() as u64);
        if is_away {
            return Ok(Drained::BusAway);
        }
        if self.pace.stored() {
            tracing::info!("the bus is back; notifications go to it again");
        }
        Ok(Drained::Some)
    }
}
