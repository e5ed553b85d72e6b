use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use harken_bus::Outgoing;
use harken_intercom::webhook::Notification;
use harken_runtime::Shutdown;

use super::Edge;
use crate::outbound::events::webhook_received;
use crate::outbound::postgres::quarantine::{self, Waiting};
use crate::rules::address::Address;
use crate::rules::route::Route;

/// How often it is looked whether a workspace has become somebody's.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How long a notification waits for that.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);

impl Edge {
    /// Lets notifications out of quarantine whose workspace has become somebody's, and drops those that waited too long.
    pub(super) async fn keep_releasing(&self, shutdown: &Shutdown) {
        while !shutdown.is_requested() {
            if let Err(error) = self.release().await {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "the quarantine cannot be looked through");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    async fn release(&self) -> Result<(), sqlx::Error> {
        let mut postgres = self.store.pool().acquire().await?;
        let dropped = quarantine::drop_before(&mut postgres, self.clock.now() - KEPT_FOR).await?;
        if dropped > 0 {
            metrics::counter!("harken_ingress_quarantine_dropped_total").increment(dropped);
            tracing::warn!(dropped, "nobody's notifications were dropped after a week");
        }
        let workspaces = quarantine::workspaces(&mut postgres).await?;
        drop(postgres);
        for (address, workspace_id) in workspaces {
            if let Some(route) = self.route(address, &workspace_id).await {
                while self.release_of(address, &workspace_id, &route).await? {}
            }
        }
        Ok(())
    }

    /// Publishes a part of what waits for a workspace; whether there may be more.
    async fn release_of(
        &self,
        address: Address,
        workspace_id: &str,
        route: &Route,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.store.begin().await?;
        let waiting = quarantine::of_workspace(&mut transaction, address, workspace_id).await?;
        let (ids, messages): (Vec<i64>, Vec<Outgoing>) = waiting
            .into_iter()
            .filter_map(|one| released(one, route))
            .unzip();
        let published = self.bus.publish_all(messages).await;
        let done: Vec<i64> = ids
            .iter()
            .zip(&published)
            .filter_map(|(id, published)| published.is_ok().then_some(*id))
            .collect();
        quarantine::remove(&mut transaction, &done).await?;
        transaction.commit().await?;
        metrics::counter!("harken_ingress_released_total").increment(done.len() as u64);
        Ok(!done.is_empty() && done.len() == ids.len())
    }
}

/// The message that a quarantined notification becomes: ids, so that its record is fetched. A skeleton that cannot be read
/// is left to lapse.
fn released(waiting: Waiting, route: &Route) -> Option<(i64, Outgoing)> {
    let Waiting {
        quarantine_id,
        message_id,
        skeleton,
        received_at,
    } = waiting;
    // Rows that were kept before may name people.
    let skeleton = Bytes::from(Notification::read(&skeleton).ok()?.about_no_person());
    let notification = Notification::read(&skeleton).ok()?;
    let event = webhook_received::ids_only(&notification, skeleton.clone(), route, received_at);
    Some((quarantine_id, Outgoing::of(message_id, &event).ok()?))
}
