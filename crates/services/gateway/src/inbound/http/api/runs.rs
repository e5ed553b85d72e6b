use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1 as wire;
use harken_domain::{ConnectionId, Role, RunId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{PageInfo, Slice, moment, text};
use super::caller::Caller;
use super::drift::DriftCount;
use super::reading::{Asked, id, slice};
use crate::inbound::http::choice::value;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;
use crate::outbound::RunList;
use crate::words::{self, RUN_KINDS, RUN_STATES, RUN_TRIGGERS};

/// One execution of sync.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Run {
    /// `run_…`.
    run_id: String,
    /// `con_…`.
    connection_id: String,
    /// `full` or `incremental`.
    kind: &'static str,
    /// `connected`, `requested`, `scheduled` or `silence`.
    trigger: Option<&'static str>,
    /// `queued`, `running`, `paused`, `complete`, `complete_with_gaps` or `failed`.
    state: &'static str,
    /// Why it failed, or what it waits for.
    reason: Option<String>,
    /// Per kind of record, in the order in which the run reads them.
    counts: Vec<RunCounts>,
    /// Records written per second over the last seconds.
    rows_per_second: f64,
    /// Seconds left at this rate; absent while unknown.
    eta_secs: Option<u64>,
    /// Requests made to Intercom so far.
    requests: u64,
    created_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// Things it could not get.
    gap_count: u64,
    /// What it had to correct because no notification had told it, by cause.
    drift: Vec<DriftCount>,
    /// Parts held after it of the conversations it read.
    parts_held: u64,
    /// Parts that Intercom counts in these conversations, as far as it counts them.
    parts_counted: u64,
}

/// Numbers of a run for one kind of record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunCounts {
    /// `contacts`, `companies`, `conversations`, `parts`, `tags`, `admins`, `teams`, `segments` or `attributes`.
    kind: String,
    /// Read from Intercom.
    seen: u64,
    /// Inserted or changed in the mirror.
    written: u64,
    /// Already as they are.
    unchanged: u64,
    /// Left out, see `skips`.
    skipped: u64,
    /// Expected; absent while unknown.
    total: Option<u64>,
    skips: Vec<SkipCount>,
    /// Gone here because they are gone at Intercom.
    deleted: u64,
    /// Conversations of which Intercom gives the latest 500 parts only.
    truncated: u64,
}

/// How many records were left out for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SkipCount {
    /// `no_valid_email` or `no_known_contact`.
    reason: String,
    count: u64,
}

/// Runs of a connection, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Runs {
    runs: Vec<Run>,
    page: PageInfo,
}

/// One line of a run's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunLogLine {
    /// Grows within a run.
    sequence: u64,
    at: Option<DateTime<Utc>>,
    /// `info`, `warning` or `error`.
    severity: String,
    message: String,
    /// Intercom's request id, where one is known.
    intercom_request_id: Option<String>,
}

/// Lines of a run's log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunLog {
    lines: Vec<RunLogLine>,
    page: PageInfo,
}

/// Something that a run could not get.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Gap {
    /// `conversation`, `contact`, `parts` or `company`.
    kind: String,
    /// Intercom's id.
    external_id: String,
    /// Why.
    reason: String,
}

/// What a run could not get, in the order of discovery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Gaps {
    gaps: Vec<Gap>,
    page: PageInfo,
}

/// What to start.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartAsked {
    /// `full` reads everything, `incremental` what changed; `full` if absent.
    kind: Option<String>,
}

/// Which runs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsAsked {
    /// Only this kind: `full` or `incremental`.
    kind: Option<String>,
    /// Only this state: `queued`, `running`, `paused`, `complete`, `complete_with_gaps` or `failed`.
    state: Option<String>,
    /// Only this trigger: `connected`, `requested`, `scheduled` or `silence`.
    trigger: Option<String>,
    /// Most runs to answer, 1 to 500; 50 if absent.
    page_size: Option<u32>,
    /// `next_page_token` of the previous slice.
    page_token: Option<String>,
}

/// Which lines of a log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogAsked {
    /// Only lines that contain this, any case.
    query: Option<String>,
    /// Only lines of this severity: `info`, `warning` or `error`.
    severity: Option<String>,
    /// Most lines to answer, 1 to 500; 50 if absent.
    page_size: Option<u32>,
    /// `next_page_token` of the previous slice.
    page_token: Option<String>,
}

/// Starts a sync, or answers the one that is going on. Needs the role member.
#[utoipa::path(post, path = "/connections/{connection_id}/runs", operation_id = "startRun", tag = "runs",
    params(("connection_id" = String, Path, description = "`con_…`"), StartAsked),
    responses((status = 202, description = "The run", body = Run), Problem))]
pub(crate) async fn start(
    caller: Caller,
    Path(connection): Path<String>,
    Asked(asked): Asked<StartAsked>,
) -> Refused<(StatusCode, Json<Run>)> {
    caller.require(Role::Member)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let kind = match value("kind", RUN_KINDS, asked.kind.as_deref())? {
        wire::RunKind::Incremental => wire::RunKind::Incremental,
        wire::RunKind::Full | wire::RunKind::Unspecified => wire::RunKind::Full,
    };
    let run = caller.asking().start_run(connection, kind).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// Lists the runs of a connection, newest first.
#[utoipa::path(get, path = "/connections/{connection_id}/runs", operation_id = "listRuns", tag = "runs",
    params(("connection_id" = String, Path, description = "`con_…`"), RunsAsked),
    responses((status = 200, description = "The runs", body = Runs), Problem))]
pub(crate) async fn list(
    caller: Caller,
    Path(connection): Path<String>,
    Asked(asked): Asked<RunsAsked>,
) -> Refused<Json<Runs>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let list = RunList {
        kind: value("kind", RUN_KINDS, asked.kind.as_deref())?,
        state: value("state", RUN_STATES, asked.state.as_deref())?,
        trigger: value("trigger", RUN_TRIGGERS, asked.trigger.as_deref())?,
        page: slice(asked.page_size, asked.page_token)?,
    };
    let list = caller.asking().runs(connection, list).await?;
    Ok(Json(Runs {
        runs: list.runs.into_iter().map(Run::from).collect(),
        page: list.page.into(),
    }))
}

/// Reads a run.
#[utoipa::path(get, path = "/runs/{run_id}", operation_id = "getRun", tag = "runs",
    params(("run_id" = String, Path, description = "`run_…`")),
    responses((status = 200, description = "The run", body = Run), Problem))]
pub(crate) async fn get(caller: Caller, Path(run): Path<String>) -> Refused<Json<Run>> {
    let run: RunId = id("run_id", &run)?;
    Ok(Json(caller.asking().run(run).await?.into()))
}

/// Reads the log of a run, newest first.
#[utoipa::path(get, path = "/runs/{run_id}/log", operation_id = "getRunLog", tag = "runs",
    params(("run_id" = String, Path, description = "`run_…`"), LogAsked),
    responses((status = 200, description = "Lines of the log", body = RunLog), Problem))]
pub(crate) async fn log(
    caller: Caller,
    Path(run): Path<String>,
    Asked(asked): Asked<LogAsked>,
) -> Refused<Json<RunLog>> {
    let run: RunId = id("run_id", &run)?;
    let severity = asked.severity.unwrap_or_default();
    if !["", "info", "warning", "error"].contains(&severity.as_str()) {
        return Err(Refusal::field(
            "severity",
            "is none of info, warning and error",
        ));
    }
    let page = slice(asked.page_size, asked.page_token)?;
    let list = caller
        .asking()
        .run_log(run, asked.query.unwrap_or_default(), severity, page)
        .await?;
    let lines = list.lines.into_iter().map(|line| RunLogLine {
        sequence: line.sequence,
        at: moment(line.at.as_ref()),
        severity: line.severity,
        message: line.message,
        intercom_request_id: text(line.intercom_request_id),
    });
    Ok(Json(RunLog {
        lines: lines.collect(),
        page: list.page.into(),
    }))
}

/// Lists what a run could not get, with reasons.
#[utoipa::path(get, path = "/runs/{run_id}/gaps", operation_id = "listGaps", tag = "runs",
    params(("run_id" = String, Path, description = "`run_…`"), Slice),
    responses((status = 200, description = "What could not be got", body = Gaps), Problem))]
pub(crate) async fn gaps(
    caller: Caller,
    Path(run): Path<String>,
    Asked(asked): Asked<Slice>,
) -> Refused<Json<Gaps>> {
    let run: RunId = id("run_id", &run)?;
    let list = caller.asking().gaps(run, asked.request()?).await?;
    let gaps = list.gaps.into_iter().map(|gap| Gap {
        kind: gap.kind,
        external_id: gap.external_id,
        reason: gap.reason,
    });
    Ok(Json(Gaps {
        gaps: gaps.collect(),
        page: list.page.into(),
    }))
}

impl From<wire::Run> for Run {
    fn from(wire: wire::Run) -> Self {
        Self {
            // What is not told is older than the kinds.
            kind: words::word(RUN_KINDS, &wire.kind()).unwrap_or("full"),
            trigger: words::word(RUN_TRIGGERS, &wire.trigger()),
            state: words::word(RUN_STATES, &wire.state()).unwrap_or("queued"),
            drift: wire.drift.iter().filter_map(DriftCount::read).collect(),
            created_at: moment(wire.created_at.as_ref()),
            started_at: moment(wire.started_at.as_ref()),
            ended_at: moment(wire.ended_at.as_ref()),
            run_id: wire.run_id,
            connection_id: wire.connection_id,
            reason: text(wire.reason),
            counts: wire.counts.into_iter().map(RunCounts::from).collect(),
            rows_per_second: wire.rows_per_second,
            eta_secs: wire.eta_secs,
            requests: wire.requests,
            gap_count: wire.gap_count,
            parts_held: wire.parts_held,
            parts_counted: wire.parts_counted,
        }
    }
}

impl From<wire::RunCounts> for RunCounts {
    fn from(wire: wire::RunCounts) -> Self {
        let skips = wire.skips.into_iter().map(|skip| SkipCount {
            reason: skip.reason,
            count: skip.count,
        });
        Self {
            kind: wire.kind,
            seen: wire.seen,
            written: wire.written,
            unchanged: wire.unchanged,
            skipped: wire.skipped,
            total: wire.total,
            skips: skips.collect(),
            deleted: wire.deleted,
            truncated: wire.truncated,
        }
    }
}
