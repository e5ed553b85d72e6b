use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{
        GetSettingsRequest, PauseSyncRequest, ResumeSyncRequest, SyncSettings,
        UpdateSettingsRequest,
    },
};
use harken_domain::{ConnectionId, Role};
use harken_runtime::status as refuse;
use tonic::{Request, Status};

use crate::{
    app::{Change, Settings, Sync},
    inbound::grpc::{
        fields::{caller, id, reader},
        status,
    },
};

pub(super) async fn get(
    sync: &Sync,
    request: Request<GetSettingsRequest>,
) -> Result<SyncSettings, Status> {
    let organization = reader(&request)?;
    let connection = id("connection_id", &request.get_ref().connection_id)?;
    let found = sync.settings(organization, connection).await;
    let found = found.map_err(status::settings)?;
    Ok(shown(connection, &found))
}

pub(super) async fn update(
    sync: &Sync,
    request: Request<UpdateSettingsRequest>,
) -> Result<SyncSettings, Status> {
    let organization = caller(&request, Role::Admin)?;
    let connection = id("connection_id", &request.get_ref().connection_id)?;
    let change = change(request.get_ref())?;
    let changed = sync.change_settings(organization, connection, change).await;
    let changed = changed.map_err(status::settings)?;
    Ok(shown(connection, &changed))
}

pub(super) async fn pause(
    sync: &Sync,
    request: Request<PauseSyncRequest>,
) -> Result<SyncSettings, Status> {
    let organization = caller(&request, Role::Member)?;
    let connection = id("connection_id", &request.get_ref().connection_id)?;
    let paused = sync.pause(organization, connection).await;
    let paused = paused.map_err(status::settings)?;
    Ok(shown(connection, &paused))
}

pub(super) async fn resume(
    sync: &Sync,
    request: Request<ResumeSyncRequest>,
) -> Result<SyncSettings, Status> {
    let organization = caller(&request, Role::Member)?;
    let connection = id("connection_id", &request.get_ref().connection_id)?;
    let resumed = sync.resume(organization, connection).await;
    let resumed = resumed.map_err(status::settings)?;
    Ok(shown(connection, &resumed))
}

/// Settings as they are answered.
fn shown(connection: ConnectionId, settings: &Settings) -> SyncSettings {
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
fn change(request: &UpdateSettingsRequest) -> Result<Change, Status> {
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
