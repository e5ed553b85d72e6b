use chrono::{DateTime, Utc};
use harken_contracts::{convert::timestamp, wire::events::v1::RunProgressed};
use harken_domain::RunId;
use harken_store::outbox::{self, OutboxError};
use sqlx::PgConnection;

use super::{Concerned, kinds};
use crate::rules::counts::Counts;

/// How fast a run is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) rows_per_second: f64,
    pub(crate) eta_secs: Option<u64>,
}

/// Tells how far a run is.
pub(crate) async fn post(
    store: &mut PgConnection,
    concerned: Concerned,
    run: RunId,
    counts: &Counts,
    pace: Pace,
    at: DateTime<Utc>,
) -> Result<(), OutboxError> {
    let event = RunProgressed {
        connection_id: concerned.connection.to_string(),
        organization_id: concerned.organization.to_string(),
        run_id: run.to_string(),
        kinds: kinds(counts),
        rows_per_second: pace.rows_per_second,
        eta_secs: pace.eta_secs,
        at: Some(timestamp(at)),
    };
    outbox::post(store, &[event]).await
}
