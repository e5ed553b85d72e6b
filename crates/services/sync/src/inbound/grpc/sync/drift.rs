use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{Drift, DriftCause as WireCause, DriftCount, DriftDay, GetDriftRequest},
};
use harken_domain::ConnectionId;
use harken_runtime::status as refuse;
use sqlx::PgConnection;
use tonic::{Request, Status};

use super::known;
use crate::{
    app::Sync,
    inbound::grpc::{fields::reader, status},
    outbound::postgres::{StoreError, drift},
    rules::drift::{DriftCause, DriftTally},
};

/// What `days` back means, today included.
fn days(given: u32) -> Result<u32, Status> {
    match given {
        0 => Ok(7),
        1..=90 => Ok(given),
        _ => Err(refuse::invalid_argument(
            "days",
            "must be 1 to 90, or 0 for 7",
        )),
    }
}

/// What was corrected for each cause that there was.
pub(super) fn counts(tally: &DriftTally) -> Vec<DriftCount> {
    let counts = DriftCause::ALL.map(|cause| DriftCount {
        cause: match cause {
            DriftCause::Missing => WireCause::Missing,
            DriftCause::Stale => WireCause::Stale,
            DriftCause::Gone => WireCause::Gone,
            DriftCause::Untold => WireCause::Untold,
        }
        .into(),
        count: tally.of(cause),
    });
    counts.into_iter().filter(|one| one.count > 0).collect()
}

/// What the runs of the last days had to correct.
pub(super) async fn get(sync: &Sync, request: Request<GetDriftRequest>) -> Result<Drift, Status> {
    let organization = reader(&request)?;
    let days = days(request.get_ref().days)?;
    let (mut store, connection) =
        known(sync, organization, &request.get_ref().connection_id).await?;
    drift(&mut store, connection, days, sync.clock.now())
        .await
        .map_err(status::store)
}

async fn drift(
    store: &mut PgConnection,
    connection: ConnectionId,
    days: u32,
    now: DateTime<Utc>,
) -> Result<Drift, StoreError> {
    let first = now.date_naive() - Days::new(u64::from(days) - 1);
    let since = first.and_time(NaiveTime::MIN).and_utc();
    let by_day = drift::by_day(store, connection, since).await?;
    let all = sum(by_day.iter().map(|day| &day.tally));
    let days = by_day.iter().map(|day| DriftDay {
        day: Some(timestamp(day.day)),
        causes: counts(&day.tally),
    });
    Ok(Drift {
        connection_id: connection.to_string(),
        causes: counts(&all),
        days: days.filter(|day| !day.causes.is_empty()).collect(),
        records_compared: all.compared,
    })
}

/// Whether the runs of the last day had to correct so much that notifications cannot be relied on.
pub(super) async fn is_high(
    store: &mut PgConnection,
    connection: ConnectionId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let since = now - TimeDelta::days(1);
    let by_day = drift::by_day(store, connection, since).await?;
    Ok(sum(by_day.iter().map(|day| &day.tally)).is_high())
}

fn sum<'a>(tallies: impl Iterator<Item = &'a DriftTally>) -> DriftTally {
    tallies.fold(DriftTally::default(), |all, one| DriftTally {
        compared: all.compared + one.compared,
        missing: all.missing + one.missing,
        stale: all.stale + one.stale,
        gone: all.gone + one.gone,
        untold: all.untold + one.untold,
    })
}
