use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{GetStatusRequest, Run, Status as MirrorStatus},
};
use harken_domain::ConnectionId;
use sqlx::PgConnection;
use tonic::{Request, Status};

use super::{completeness, drift, known};
use crate::{
    app::Sync,
    inbound::grpc::{fields::reader, status},
    outbound::postgres::{
        StoreError,
        directory::totals::{self, Totals},
        runs::{self, RunFilter},
    },
};

pub(super) async fn get(
    sync: &Sync,
    request: Request<GetStatusRequest>,
) -> Result<MirrorStatus, Status> {
    let organization = reader(&request)?;
    let asked = request.get_ref();
    let (mut store, connection) = known(sync, organization, &asked.connection_id).await?;
    status_of(sync, &mut store, connection, !asked.without_totals)
        .await
        .map_err(status::store)
}

async fn status_of(
    sync: &Sync,
    store: &mut PgConnection,
    connection: ConnectionId,
    with_totals: bool,
) -> Result<MirrorStatus, StoreError> {
    let latest = runs::list(store, connection, RunFilter::default(), None, 1).await?;
    let settings = sync.settings_of(store, connection).await?;
    let is_drift_high = drift::is_high(store, connection, sync.clock.now()).await?;
    let complete_at = runs::last_complete_at(store, connection).await?;
    let totals = if with_totals {
        totals::count(store, connection).await?
    } else {
        Totals::default()
    };
    let last_ended = runs::last_ended(store, connection).await?;
    let (last_error, missing_permissions) =
        completeness::last_error(store, connection, last_ended.as_ref()).await?;
    Ok(MirrorStatus {
        connection_id: connection.to_string(),
        latest_run: latest.into_iter().next().map(Run::from),
        last_complete_at: complete_at.map(timestamp),
        last_ended_at: last_ended.and_then(|run| run.ended_at).map(timestamp),
        next_run_at: settings.next_run_at.map(timestamp),
        is_paused: settings.paused_at.is_some(),
        is_drift_high,
        customers: totals.customers.unsigned_abs(),
        contacts: totals.contacts.unsigned_abs(),
        companies: totals.companies.unsigned_abs(),
        conversations: totals.conversations.unsigned_abs(),
        parts: totals.parts.unsigned_abs(),
        segments: totals.segments.unsigned_abs(),
        attributes: totals.attributes.unsigned_abs(),
        last_error,
        missing_permissions,
    })
}
