use std::time::Duration;

use chrono::{DateTime, Utc};
use console::Style;
use harken_contracts::wire::sync::v1::{
    Gap, GetStatusRequest, ListGapsRequest, ListRunLogRequest, Run, RunLogLine, RunState,
    StartRunRequest, Status, WatchRunRequest,
};
use harken_contracts::wire::types::v1::PageRequest;
use tonic::Code;

use super::{Desk, choose};
use crate::cli::{RunSync, SyncCommand, SyncLog};
use crate::failure::Failure;
use crate::output::{Cell, RunProgress, Table, count, decimal, json, moment, when};

/// Lines of a log that are asked for at once.
const PAGE: u32 = 500;
/// Gaps that are shown after a run; the rest is counted.
const GAPS_SHOWN: u32 = 10;
/// How often, and how far apart, a watched run is looked for when its stream breaks.
const WATCH_ATTEMPTS: u32 = 30;
const WATCH_AGAIN_AFTER: Duration = Duration::from_secs(2);

pub(crate) async fn run(command: SyncCommand, desk: Desk) -> Result<(), Failure> {
    match command {
        SyncCommand::Run(what) => start(what, &desk).await,
        SyncCommand::Status { connection } => status(connection.as_deref(), &desk).await,
        SyncCommand::Log(what) => log(what, &desk).await,
    }
}

async fn start(what: RunSync, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, what.connection.as_deref()).await?;
    let request = StartRunRequest {
        connection_id: connection.connection_id,
        kind: 0,
    };
    let answer = desk.harken.sync().start_run(request).await;
    let run = answer
        .map_err(|status| desk.harken.refused(&status))?
        .into_inner();
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
                tokio::time::sleep(WATCH_AGAIN_AFTER).await;
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
    desk.output.line(format!(
        "Sync complete — {} contacts imported.",
        count(imported)
    ))?;
    desk.output.table(&counts(run))?;
    if run.state() == RunState::CompleteWithGaps {
        desk.output.line("")?;
        desk.output.line(format!(
            "{} things could not be read:",
            count(run.gap_count)
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
    let gaps = answer
        .map_err(|status| desk.harken.refused(&status))?
        .into_inner()
        .gaps;
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

async fn status(named: Option<&str>, desk: &Desk) -> Result<(), Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let request = GetStatusRequest {
        connection_id: connection.connection_id,
    };
    let answer = desk.harken.sync().get_status(request).await;
    let status = answer
        .map_err(|status| desk.harken.refused(&status))?
        .into_inner();
    if desk.output.is_json() {
        return desk.output.object(&json(&status));
    }
    desk.output
        .table(&status_facts(&status, desk.clock.now()))?;
    match &status.latest_run {
        Some(run) => {
            desk.output.line("")?;
            desk.output.table(&counts(run))
        }
        None => Ok(()),
    }
}

/// What the mirror holds, and how its last run went.
pub(super) fn status_facts(status: &Status, now: DateTime<Utc>) -> Table {
    let mut facts = Table::facts();
    if let Some(run) = &status.latest_run {
        facts.fact(
            "Latest run",
            Cell::text(format!("{}, {}", run.run_id, state(run))),
        );
        if !run.reason.is_empty() {
            facts.fact("Because", Cell::sentence(&run.reason));
        }
        facts.fact("Asked for", Cell::text(when(run.created_at.as_ref(), now)));
        facts.fact("Requests made", Cell::text(count(run.requests)));
    } else {
        facts.fact("Latest run", Cell::text("none yet"));
    }
    facts.fact(
        "Last complete",
        Cell::text(when(status.last_complete_at.as_ref(), now)),
    );
    facts.fact("Customers", Cell::text(count(status.customers)));
    facts.fact("Contacts", Cell::text(count(status.contacts)));
    facts.fact("Companies", Cell::text(count(status.companies)));
    facts.fact("Conversations", Cell::text(count(status.conversations)));
    facts.fact("Parts", Cell::text(count(status.parts)));
    facts
}

fn counts(run: &Run) -> Table {
    let mut table = Table::new(["KIND", "READ", "OF", "WRITTEN", "UNCHANGED", "SKIPPED", ""]);
    for one in &run.counts {
        let why: Vec<String> = one
            .skips
            .iter()
            .map(|skip| format!("{} {}", count(skip.count), skip.reason.replace('_', " ")))
            .collect();
        table.row([
            Cell::text(&one.kind),
            Cell::number(count(one.seen)),
            Cell::number(one.total.map_or_else(|| "–".to_owned(), count)),
            Cell::number(count(one.written)),
            Cell::number(count(one.unchanged)),
            Cell::number(count(one.skipped)),
            Cell::sentence(why.join(", ")),
        ]);
    }
    table
}

async fn log(what: SyncLog, desk: &Desk) -> Result<(), Failure> {
    let run_id = match what.run {
        Some(run_id) => run_id,
        None => latest_run(what.connection.as_deref(), desk).await?,
    };
    let mut request = ListRunLogRequest {
        run_id,
        query: what.query.unwrap_or_default(),
        severity: what.severity.unwrap_or_default(),
        page: None,
    };
    let mut lines: Vec<RunLogLine> = Vec::new();
    let mut page_token = String::new();
    loop {
        let wanted = what.limit - u32::try_from(lines.len()).unwrap_or(what.limit);
        request.page = Some(PageRequest {
            page_size: wanted.min(PAGE),
            page_token,
        });
        let answer = desk.harken.sync().list_run_log(request.clone()).await;
        let answer = answer
            .map_err(|status| desk.harken.refused(&status))?
            .into_inner();
        lines.extend(answer.lines);
        page_token = answer.page.unwrap_or_default().next_page_token;
        if page_token.is_empty() || lines.len() >= what.limit as usize {
            break;
        }
    }
    lines.reverse();
    desk.output.list(&lines, log_table, "The log is empty.")
}

async fn latest_run(named: Option<&str>, desk: &Desk) -> Result<String, Failure> {
    let connection = choose::connection(&desk.harken, named).await?;
    let request = GetStatusRequest {
        connection_id: connection.connection_id,
    };
    let answer = desk.harken.sync().get_status(request).await;
    let status = answer
        .map_err(|status| desk.harken.refused(&status))?
        .into_inner();
    let run = status.latest_run.ok_or_else(|| {
        Failure::not_found("this connection has had no run yet; start one with `harken sync run`")
    })?;
    Ok(run.run_id)
}

fn log_table(lines: &[RunLogLine]) -> Table {
    let mut table = Table::new(["TIME (UTC)", "SEVERITY", "MESSAGE"]);
    for line in lines {
        let style = match line.severity.as_str() {
            "error" => Style::new().red(),
            "warning" => Style::new().yellow(),
            _ => Style::new().dim(),
        };
        let message = if line.intercom_request_id.is_empty() {
            line.message.clone()
        } else {
            format!(
                "{} (Intercom request {})",
                line.message, line.intercom_request_id
            )
        };
        table.row([
            Cell::text(moment(line.at.as_ref())),
            Cell::text(&line.severity).styled(style),
            Cell::sentence(message),
        ]);
    }
    table
}

fn has_ended(run: &Run) -> bool {
    matches!(
        run.state(),
        RunState::Complete | RunState::CompleteWithGaps | RunState::Failed
    )
}

fn state(run: &Run) -> String {
    match run.state() {
        RunState::Queued => "queued".to_owned(),
        RunState::Running => format!("running at {} rows/s", decimal(run.rows_per_second)),
        RunState::Complete => "complete".to_owned(),
        RunState::CompleteWithGaps => format!("complete with {} gaps", count(run.gap_count)),
        RunState::Failed => "failed".to_owned(),
        RunState::Unspecified => "in a state this harken does not know".to_owned(),
    }
}
