//! How a connection is synced: how often, how far back, and whether at all just now.

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId};
use sqlx::PgConnection;

use super::Sync;
use crate::outbound::postgres::{
    StoreError, connections,
    run_log::{self, Line, Severity},
    runs, schedule,
    settings::{self, SettingsRow},
};

/// What applies to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Seconds between incremental runs.
    pub(crate) interval_secs: u32,
    /// Days back for which a full run reads conversations.
    pub(crate) backfill_days: u32,
    pub(crate) paused_at: Option<DateTime<Utc>>,
    /// None while paused, closed or going on.
    pub(crate) next_run_at: Option<DateTime<Utc>>,
}

/// What is to be changed of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    pub(crate) interval_secs: Option<i32>,
    pub(crate) backfill_days: Option<i32>,
}

/// Why settings cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("the connection is not known")]
    UnknownConnection,
    #[error("the connection is closed: {reason}")]
    Closed { reason: String },
    #[error("no workspace stands behind the connection")]
    Synthetic,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for SettingsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Sync {
    /// What applies to a connection.
    pub(crate) async fn settings(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<Settings, SettingsError> {
        let mut store = self.store.pool().acquire().await?;
        connections::find(&mut store, organization, connection)
            .await?
            .ok_or(SettingsError::UnknownConnection)?;
        Ok(self.settings_of(&mut store, connection).await?)
    }

    /// What applies to a connection that is known.
    pub(crate) async fn settings_of(
        &self,
        store: &mut PgConnection,
        connection: ConnectionId,
    ) -> Result<Settings, StoreError> {
        let now = self.clock.now();
        let row = settings::find(store, connection).await?;
        let planned = schedule::outlooks(store, Some(connection), now).await?;
        let due = planned.first().and_then(|one| one.outlook.next(now));
        let usual = SettingsRow::usual();
        let row = row.unwrap_or(usual);
        let usual_days = self.limits.backfill.num_days();
        Ok(Settings {
            interval_secs: row.interval_secs.unsigned_abs(),
            backfill_days: row.backfill_days.map_or_else(
                || u32::try_from(usual_days).unwrap_or(u32::MAX),
                i32::unsigned_abs,
            ),
            paused_at: row.paused_at,
            next_run_at: due.map(|due| due.at),
        })
    }

    /// Changes what is given; the rest stays.
    pub(crate) async fn change_settings(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        change: Change,
    ) -> Result<Settings, SettingsError> {
        let mut tx = self.store.begin().await?;
        lock(&mut tx, organization, connection).await?;
        settings::change(
            &mut tx,
            connection,
            change.interval_secs,
            change.backfill_days,
        )
        .await?;
        let changed = self.settings_of(&mut tx, connection).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Has syncing stand still: the run that goes on stays where it is, and no other begins.
    pub(crate) async fn pause(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<Settings, SettingsError> {
        let mut tx = self.store.begin().await?;
        if lock(&mut tx, organization, connection)
            .await?
            .paused_at
            .is_none()
        {
            let now = self.clock.now();
            settings::set_paused(&mut tx, connection, Some(now)).await?;
            if let Some(run) = runs::pause(&mut tx, connection).await? {
                run_log::append(&mut tx, run, &[line(now, "Paused by a member")]).await?;
            }
        }
        let paused = self.settings_of(&mut tx, connection).await?;
        tx.commit().await?;
        Ok(paused)
    }

    /// Has syncing go on: a run that stands still goes on from where it is.
    pub(crate) async fn resume(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<Settings, SettingsError> {
        let mut tx = self.store.begin().await?;
        if lock(&mut tx, organization, connection)
            .await?
            .paused_at
            .is_some()
        {
            settings::set_paused(&mut tx, connection, None).await?;
            if let Some(run) = runs::resume(&mut tx, connection).await? {
                let now = self.clock.now();
                run_log::append(&mut tx, run, &[line(now, "Resumed by a member")]).await?;
            }
        }
        let resumed = self.settings_of(&mut tx, connection).await?;
        tx.commit().await?;
        self.queued.notify_one();
        Ok(resumed)
    }
}

async fn lock(
    store: &mut PgConnection,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<SettingsRow, SettingsError> {
    let known = connections::find(store, organization, connection)
        .await?
        .ok_or(SettingsError::UnknownConnection)?;
    if known.is_synthetic {
        return Err(SettingsError::Synthetic);
    }
    if !known.is_open {
        return Err(SettingsError::Closed {
            reason: known.state_reason,
        });
    }
    Ok(settings::lock(store, connection).await?)
}

fn line(at: DateTime<Utc>, message: &str) -> Line {
    Line {
        at,
        severity: Severity::Info,
        message: message.to_owned(),
        request_id: None,
    }
}
