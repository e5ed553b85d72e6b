use std::time::Duration;

use harken_runtime::Shutdown;

use super::{
    Scoring,
    rescore::{Subject, rescore},
};
use crate::outbound::postgres::{
    configurations, connections,
    error::StoreError,
    planning::begin_by_keys,
    scores::{self, Trigger},
};

/// Scores looked at in one transaction, while what happens on their connection waits.
const AT_ONCE: i64 = 250;

impl Scoring {
    /// Scores those anew whose time has come, of the connection that has waited longest; answers how many.
    pub(crate) async fn pass_time(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let mut tx = begin_by_keys(&self.store).await?;
        let Some(entered) = connections::enter_overdue(&mut tx, now).await? else {
            return Ok(0);
        };
        let connection = entered.connection;
        let due = scores::due(&mut tx, connection, now, AT_ONCE).await?;
        let due: Vec<_> = due
            .into_iter()
            .map(|customer| Subject {
                connection,
                customer,
                occasion: None,
            })
            .collect();
        let configurations = configurations::of_entered(&mut tx, &[entered]).await?;
        rescore(&mut tx, &due, configurations, Trigger::TimePassed, now).await?;
        tx.commit().await?;
        Ok(due.len())
    }

    /// Lets time pass until `shutdown`, looking `every` so often.
    pub(crate) async fn keep_passing_time(&self, every: Duration, shutdown: Shutdown) {
        while !shutdown.is_requested() {
            match self.pass_time().await {
                Ok(0) => wait(every, &shutdown).await,
                Ok(_) => {}
                Err(cause) => {
                    tracing::warn!(
                        error = &cause as &dyn std::error::Error,
                        "time could not pass"
                    );
                    wait(every, &shutdown).await;
                }
            }
        }
    }
}

async fn wait(every: Duration, shutdown: &Shutdown) {
    tokio::select! {
        () = tokio::time::sleep(every) => {}
        () = shutdown.requested() => {}
    }
}
