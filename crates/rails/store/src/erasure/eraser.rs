use std::time::Duration;

use harken_contracts::convert::timestamp;
use harken_contracts::wire::events::v1::{ConnectionErased, ErasedCount};
use harken_domain::Clock;
use harken_runtime::Shutdown;
use sqlx::{AssertSqlSafe, PgConnection};

use super::ask::{self, Asked};
use super::holdings::{Barrier, Holdings};
use super::tables::{self, Table};
use crate::Store;
use crate::outbox::{self, OutboxError};

/// How often is looked for what is to be erased.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Why nothing is erased for now.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Postgres failed.
    #[error("rows cannot be erased")]
    Store(#[from] sqlx::Error),
    /// What was erased cannot be told.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// Erases what connections leave behind that ended for good, and tells when nothing is left. Killed at any moment, another
/// goes on: what is gone was counted in the transaction that took it away.
#[derive(Clone, Debug)]
pub struct Eraser {
    store: Store,
    clock: Clock,
    holdings: Holdings,
}

impl Eraser {
    /// Erases these holdings out of `store`.
    pub fn new(store: Store, clock: Clock, holdings: Holdings) -> Self {
        Self {
            store,
            clock,
            holdings,
        }
    }

    /// Erases what is asked for, until `shutdown`.
    pub async fn run(self, shutdown: Shutdown) {
        while !shutdown.is_requested() {
            if let Err(cause) = self.erase_all(&shutdown).await {
                let schema = self.store.schema();
                let cause = &cause as &dyn std::error::Error;
                tracing::warn!(schema, error = cause, "nothing is erased for now");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    async fn erase_all(&self, shutdown: &Shutdown) -> Result<(), EraseError> {
        let mut db = self.store.pool().acquire().await?;
        let unfinished = ask::unfinished(&mut db).await?;
        drop(db);
        for asked in unfinished {
            self.erase(&asked, shutdown).await?;
        }
        Ok(())
    }

    /// Erases one connection, a transaction for each batch of rows.
    async fn erase(&self, asked: &Asked, shutdown: &Shutdown) -> Result<(), EraseError> {
        let mut db = self.store.pool().acquire().await?;
        let held = tables::held(&mut db, &self.holdings).await?;
        drop(db);
        for table in &held {
            while !shutdown.is_requested() {
                let mut tx = self.store.begin().await?;
                if !ask::lock(&mut tx, asked).await? {
                    return Ok(());
                }
                let erased = table.erase_some(&mut tx, asked).await?;
                tx.commit().await?;
                if Table::is_last(erased) {
                    break;
                }
            }
        }
        if !shutdown.is_requested() {
            self.finish(asked, &held).await?;
        }
        Ok(())
    }

    /// Sees that nothing is left, while nobody can write, and tells so. What came meanwhile is left to the next look.
    async fn finish(&self, asked: &Asked, held: &[Table]) -> Result<(), EraseError> {
        let mut tx = self.store.begin().await?;
        if !ask::lock(&mut tx, asked).await? {
            return Ok(());
        }
        self.keep_writers_out(&mut tx, asked, held).await?;
        let mut late = 0;
        for table in held {
            let erased = table.erase_some(&mut tx, asked).await?;
            late += u64::from(!Table::is_last(erased));
        }
        if late > 0 {
            return Ok(tx.commit().await?);
        }
        let counts = ask::counts(&mut tx, asked.connection).await?;
        let rows: i64 = counts.iter().map(|(_, count)| count).sum();
        let erased = ConnectionErased {
            connection_id: asked.connection.to_string(),
            organization_id: asked.organization.to_string(),
            service: self.holdings.service.to_owned(),
            revision: asked.revision.0,
            erased: counts.into_iter().map(count).collect(),
            erased_at: Some(timestamp(self.clock.now())),
        };
        ask::finish(&mut tx, asked).await?;
        outbox::post(&mut tx, &[erased]).await?;
        tx.commit().await?;
        let schema = self.store.schema();
        tracing::info!(schema, connection.id = %asked.connection, rows, "a connection was erased");
        Ok(())
    }

    async fn keep_writers_out(
        &self,
        db: &mut PgConnection,
        asked: &Asked,
        held: &[Table],
    ) -> Result<(), sqlx::Error> {
        match self.holdings.barrier {
            Barrier::Row(table) => {
                let statement =
                    format!("SELECT FROM {table} WHERE connection_id = $1 FOR NO KEY UPDATE");
                sqlx::query(AssertSqlSafe(statement))
                    .bind(asked.connection.as_uuid())
                    .execute(db)
                    .await?;
            }
            Barrier::Tables => {
                let names = held.iter().map(|table| table.name.as_str());
                // Whoever relays holds its rows for as long as the bus takes; what it takes away is told and gone.
                let names: Vec<&str> = names.filter(|name| *name != "outbox").collect();
                let statement = format!(
                    "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
                    names.join(", ")
                );
                sqlx::query("SET LOCAL lock_timeout = '200ms'")
                    .execute(&mut *db)
                    .await?;
                sqlx::query(AssertSqlSafe(statement)).execute(db).await?;
            }
        }
        Ok(())
    }
}

fn count((place, count): (String, i64)) -> ErasedCount {
    ErasedCount {
        place,
        count: count.unsigned_abs(),
    }
}
