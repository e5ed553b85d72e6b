use std::time::Duration;

use harken_contracts::wire::sync::v1::{
    Gap, ListGapsRequest, Run, RunKind, RunState, StartRunRequest, WatchRunRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use tokio::time::sleep;
use tonic::Code;

use super::ask;
use super::status::{counts, state};
use crate::cli::RunSync;
use crate::failure::Failure;
use crate::operate::{Desk, choose};
use crate::output::{Cell, RunProgress, Table, count, json, many};

/// Gaps that are shown after a run; the rest is counted.
const GAPS_SHOWN: u32 = 10;
/// How often, and how far apart, a watched run is looked for when its stream breaks.
const WATCH_ATTEMPTS: u32 = 30;
const WATCH_AGAIN_AFTER: Duration = Duration::from_secs(2);

pub(super) async fn start(what: RunSync, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
    let request = StartRunRequest {
        connection_id: connection.connection_id,
        kind: if what.incremental {
            RunKind::Incremental
        } else {
            RunKind::Full
        }
        .into(),
    };
    let answer = ask(|| {
        let (mut sync, request) = (desk.harken.sync(), request.clone());
        async move { sync.start_run(request).await }
    });
    let run = answer
        .await
        .map_err(|status| desk.harken.refused(&status))?;
    if what.wait {
        let ended = watch(run, desk).await?;
        return conclude(&ended, desk).await;
    }
    if desk.output.is_json() {
        return desk.output.object(&json(&run));
    }
    desk.output
        .line(format!("Run {} is {}.", run.run_id, state(&run)))
}

/// Follows a run to its end, also over a restart of the deployment.
async fn watch(run: Run, desk: &Desk) -> Result<Run, Failure> {
    let mut progress = RunProgress::new(&desk.output);
    let mut latest = run;
    let mut attempts = 0;
    while !has_ended(&latest) {
        match follow(&mut latest, &mut progress, desk).await? {
            Followed::On => attempts = 0,
            Followed::Broken(failure) => {
                attempts += 1;
                if attempts > WATCH_ATTEMPTS {
                    return Err(failure);
                }
                sleep(WATCH_AGAIN_AFTER).await;
            }
        }
    }
    progress.end();
    Ok(latest)
}

enum Followed {
    /// News came before the stream ended.
    On,
    /// It broke before any.
    Broken(Failure),
}

async fn follow(
    latest: &mut Run,
    progress: &mut RunProgress,
    desk: &Desk,
) -> Result<Followed, Failure> {
    let request = WatchRunRequest {
        run_id: latest.run_id.clone(),
    };
    let mut stream = match desk.harken.sync().watch_run(request).await {
        Ok(stream) => stream.into_inner(),
        Err(status) if status.code() == Code::Unavailable => {
            return Ok(Followed::Broken(desk.harken.refused(&status)));
        }
        Err(status) => return Err(desk.harken.refused(&status)),
    };
    let mut followed = None;
    loop {
        match stream.message().await {
            Ok(Some(run)) => {
                progress.show(&run, &desk.output)?;
                *latest = run;
                followed = Some(Followed::On);
            }
            Ok(None) => {
                let silent = || {
                    Followed::Broken(Failure::unavailable(
                        "the run's progress ended without a verdict",
                    ))
                };
                return Ok(followed.unwrap_or_else(silent));
            }
            Err(status) => {
                return Ok(
                    followed.unwrap_or_else(|| Followed::Broken(desk.harken.refused(&status)))
                );
            }
        }
    }
}

async fn conclude(run: &Run, desk: &Desk) -> Result<(), Failure> {
    if run.state() == RunState::Failed {
        return Err(Failure::other(format!(
            "the run failed: {}; see `harken sync log`, then `harken sync run` again",
            run.reason
        )));
    }
    if desk.output.is_json() {
        return Ok(());
    }
    let contacts = run.counts.iter().find(|counts| counts.kind == "contacts");
    let imported = contacts.map_or(0, |counts| counts.written + counts.unchanged);
    desk.output.line(match run.kind() {
        RunKind::Incremental => {
            let changed: u64 = run.counts.iter().map(|counts| counts.written).sum();
            format!("Sync complete — {} read.", many(changed, "change"))
        }
        _ => format!("Sync complete — {} contacts imported.", count(imported)),
    })?;
    desk.output.table(&counts(run))?;
    if run.state() == RunState::CompleteWithGaps {
        desk.output.line("")?;
        desk.output.line(format!(
            "{} could not be read whole:",
            many(run.gap_count, "thing")
        ))?;
        let gaps = gaps(run, desk).await?;
        desk.output.table(&gaps)?;
    }
    Ok(())
}

async fn gaps(run: &Run, desk: &Desk) -> Result<Table, Failure> {
    let page = PageRequest {
        page_size: GAPS_SHOWN,
        page_token: String::new(),
    };
    let request = ListGapsRequest {
        run_id: run.run_id.clone(),
        page: Some(page),
    };
    let answer = desk.harken.sync().list_gaps(request).await;
    let gaps = desk.harken.answered(answer)?.gaps;
    let mut table = Table::new(["KIND", "INTERCOM ID", "REASON"]);
    for Gap {
        kind,
        external_id,
        reason,
    } in &gaps
    {
        table.row([
            Cell::text(kind),
            Cell::text(external_id),
            Cell::sentence(reason),
        ]);
    }
    Ok(table)
}

fn has_ended(run: &Run) -> bool {
    matches!(
        run.state(),
        RunState::Complete | RunState::CompleteWithGaps | RunState::Failed
    )
}
