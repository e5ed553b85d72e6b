//! What the next run of a connection follows from.

use chrono::{DateTime, TimeDelta, Utc};
use harken_domain::{ConnectionId, OrganizationId};
use sqlx::PgConnection;

use super::{StoreError, runs::RunState};
use crate::rules::schedule::{Heard, Outlook};

/// A connection, and what its next run follows from.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    pub(crate) outlook: Outlook,
}

/// The outlook of open connections that have had a run: of all that are not paused and whose last run has ended, or of one,
/// however it is.
pub(crate) async fn outlooks(
    store: &mut PgConnection,
    only: Option<ConnectionId>,
    now: DateTime<Utc>,
) -> Result<Vec<Planned>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT settings.connection_id, organization_id, interval_secs, paused_at,
                  latest.created_at, latest.ended_at AS "ended_at?", states AS "states!",
                  EXISTS (SELECT FROM sync.runs AS run
                          WHERE run.connection_id = settings.connection_id AND kind = 'full'
                            AND run.state IN ('complete', 'complete_with_gaps')) AS "has_everything!",
                  heard.last_at AS "heard_at?", heard.count AS "heard_count!"
           FROM sync.settings
           JOIN sync.connections USING (connection_id)
           CROSS JOIN LATERAL (SELECT created_at, ended_at FROM sync.runs AS run
                               WHERE run.connection_id = settings.connection_id
                               ORDER BY created_at DESC, run_id DESC LIMIT 1) AS latest
           CROSS JOIN LATERAL (SELECT array_agg(last.state ORDER BY created_at DESC, run_id DESC) AS states
                               FROM (SELECT state, created_at, run_id FROM sync.runs AS run
                                     WHERE run.connection_id = settings.connection_id
                                     ORDER BY created_at DESC, run_id DESC LIMIT 12) AS last) AS lately
           CROSS JOIN LATERAL (SELECT max(last_at) AS last_at, coalesce(sum(count), 0)::bigint AS count
                               FROM sync.notification_hours AS hours
                               WHERE hours.connection_id = settings.connection_id AND hour > $2::timestamptz - interval '7 days'
                              ) AS heard
           WHERE connections.state = 'open' AND NOT is_synthetic
             AND CASE WHEN $1::uuid IS NULL THEN paused_at IS NULL AND latest.ended_at IS NOT NULL
                      ELSE settings.connection_id = $1 END"#,
        only.map(|connection| connection.as_uuid()),
        now,
    )
    .fetch_all(store)
    .await?;
    let planned = rows.into_iter().map(|row| {
        let failed = |state: &&String| *state == RunState::Failed.as_str();
        let failures = row.states.iter().take_while(failed).count();
        Planned {
            connection: ConnectionId::from_uuid(row.connection_id),
            organization: OrganizationId::from_uuid(row.organization_id),
            outlook: Outlook {
                interval: TimeDelta::seconds(i64::from(row.interval_secs)),
                is_paused: row.paused_at.is_some(),
                asked_at: row.created_at,
                ended_at: row.ended_at,
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                has_everything: row.has_everything,
                heard: row.heard_at.map(|last_at| Heard {
                    last_at,
                    within_a_week: row.heard_count,
                }),
            },
        }
    });
    Ok(planned.collect())
}
