use chrono::{DateTime, Utc};
use harken_contracts::{convert::timestamp, wire::events::v1::RunEnded};
use harken_domain::RunId;
use harken_store::outbox::{self, OutboxError};
use sqlx::PgConnection;

use super::{Concerned, kinds};
use crate::{outbound::postgres::runs::RunState, rules::counts::Counts};

/// Tells that a run ended, and how.
pub(crate) async fn post(
    store: &mut PgConnection,
    concerned: Concerned,
    run: RunId,
    (verdict, reason): (RunState, &str),
    counts: &Counts,
    at: DateTime<Utc>,
) -> Result<(), OutboxError> {
    let event = RunEnded {
        connection_id: concerned.connection.to_string(),
        organization_id: concerned.organization.to_string(),
        run_id: run.to_string(),
        verdict: verdict.as_str().to_owned(),
        reason: reason.to_owned(),
        kinds: kinds(counts),
        ended_at: Some(timestamp(at)),
    };
    outbox::post(store, &[event]).await
}
