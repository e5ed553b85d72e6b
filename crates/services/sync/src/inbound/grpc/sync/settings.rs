use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{SyncSettings, UpdateSettingsRequest},
};
use harken_domain::ConnectionId;
use harken_runtime::status as refuse;
use tonic::Status;

use crate::app::{Change, Settings};

/// Settings as they are answered.
pub(super) fn shown(connection: ConnectionId, settings: &Settings) -> SyncSettings {
    SyncSettings {
        connection_id: connection.to_string(),
        interval_secs: settings.interval_secs,
        backfill_days: settings.backfill_days,
        is_paused: settings.paused_at.is_some(),
        paused_at: settings.paused_at.map(timestamp),
        next_run_at: settings.next_run_at.map(timestamp),
    }
}

/// What is to be changed.
pub(super) fn change(request: &UpdateSettingsRequest) -> Result<Change, Status> {
    let within = |field: &str, given: Option<u32>, least: i32, most: i32, unit: &str| {
        let Some(given) = given else {
            return Ok(None);
        };
        match i32::try_from(given) {
            Ok(given) if (least..=most).contains(&given) => Ok(Some(given)),
            _ => Err(refuse::invalid_argument(
                field,
                format!("must be {least} to {most} {unit}"),
            )),
        }
    };
    let interval = request.interval_secs;
    let backfill = request.backfill_days;
    Ok(Change {
        interval_secs: within("interval_secs", interval, 60, 86_400, "seconds")?,
        backfill_days: within("backfill_days", backfill, 1, 3650, "days")?,
    })
}
