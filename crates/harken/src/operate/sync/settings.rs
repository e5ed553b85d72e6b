use harken_contracts::wire::sync::v1::{
    GetSettingsRequest, PauseSyncRequest, ResumeSyncRequest, SyncSettings, UpdateSettingsRequest,
};

use super::ask;
use crate::cli::SyncSettings as Wanted;
use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, Table, count, json, moment, when};

pub(super) async fn pause(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let request = PauseSyncRequest {
        connection_id: connection.connection_id,
    };
    let paused = ask(|| {
        let (mut sync, request) = (desk.harken.sync(), request.clone());
        async move { sync.pause_sync(request).await }
    });
    let paused = paused
        .await
        .map_err(|status| desk.harken.refused(&status))?;
    told(
        &paused,
        "Syncing is paused; notifications still apply.",
        desk,
    )
}

pub(super) async fn resume(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let request = ResumeSyncRequest {
        connection_id: connection.connection_id,
    };
    let resumed = ask(|| {
        let (mut sync, request) = (desk.harken.sync(), request.clone());
        async move { sync.resume_sync(request).await }
    });
    let resumed = resumed
        .await
        .map_err(|status| desk.harken.refused(&status))?;
    told(&resumed, "Syncing goes on.", desk)
}

pub(super) async fn show(what: Wanted, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
    let connection_id = connection.connection_id;
    let is_change = what.interval.is_some() || what.backfill_days.is_some();
    let update = UpdateSettingsRequest {
        connection_id: connection_id.clone(),
        interval_secs: what.interval,
        backfill_days: what.backfill_days,
    };
    let settings = ask(|| {
        let (mut sync, update) = (desk.harken.sync(), update.clone());
        let connection_id = connection_id.clone();
        async move {
            if is_change {
                sync.update_settings(update).await
            } else {
                sync.get_settings(GetSettingsRequest { connection_id })
                    .await
            }
        }
    });
    let settings = settings
        .await
        .map_err(|status| desk.harken.refused(&status))?;
    if desk.output.is_json() {
        return desk.output.object(&json(&settings));
    }
    let now = desk.clock.now();
    let mut facts = Table::facts();
    facts.fact(
        "Reads what changed",
        Cell::text(format!("every {}", interval(settings.interval_secs))),
    );
    facts.fact(
        "A full import reads",
        Cell::text(format!(
            "conversations of {} days",
            count(u64::from(settings.backfill_days))
        )),
    );
    if settings.is_paused {
        let since = when(settings.paused_at.as_ref(), now);
        facts.fact("Paused", Cell::text(since));
    } else {
        let next = settings.next_run_at.as_ref();
        let next = next.map_or_else(
            || "not planned while one goes on".to_owned(),
            |at| format!("{} UTC", moment(Some(at))),
        );
        facts.fact("Next run", Cell::text(next));
    }
    desk.output.table(&facts)
}

fn told(settings: &SyncSettings, words: &str, desk: &Desk) -> Result<(), Failure> {
    if desk.output.is_json() {
        return desk.output.object(&json(settings));
    }
    desk.output.line(words)
}

/// Seconds in the largest unit that they fill.
fn interval(secs: u32) -> String {
    match secs {
        secs if secs.is_multiple_of(86_400) => format!("{} d", secs / 86_400),
        secs if secs.is_multiple_of(3600) => format!("{} h", secs / 3600),
        secs if secs.is_multiple_of(60) => format!("{} min", secs / 60),
        secs => format!("{secs} s"),
    }
}
