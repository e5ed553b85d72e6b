//! Connections and what was synced.

use chrono::TimeDelta;
use harken_contracts::convert::timestamp;
use harken_contracts::wire::sync::v1::{
    DriftCause, DriftCount, Gap, Run, RunCounts, RunKind, RunLogLine, RunState, RunTrigger,
    SkipCount, Status,
};
use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};
use harken_contracts::wire::vault::v1::{
    Connection, ConnectionMethod, ConnectionState, Erasure, PermissionCheck, TestReport,
};

use crate::outbound::RunList;
use crate::rules::connection_status::ConnectionStatus;
use crate::views::connect_form::ConnectForm;
use crate::views::disconnect::DisconnectPage;
use crate::views::frame::{Frame, Notice, Pill, Section};
use crate::views::integrations::{Card, Drill, IntegrationsPage};
use crate::views::pager::Pager;
use crate::views::run::{RunExtras, RunPage};
use crate::views::runs::{RunFilter, RunRow, RunsPage};
use crate::views::test_report::Report;
use crate::views::token_form::{Problem, TokenFormPage};

use super::*;

pub(super) fn connection() -> Connection {
    Connection {
        connection_id: "con_01900000000070008000000000000001".to_owned(),
        workspace_id: "nw7x2k1p".to_owned(),
        workspace_name: "Northwind <b>bold</b>".to_owned(),
        region: "US".to_owned(),
        method: ConnectionMethod::Oauth.into(),
        state: ConnectionState::Connected.into(),
        connected_by: "Ada Lovelace".to_owned(),
        connected_at: ago(TimeDelta::minutes(14)),
        ..Connection::default()
    }
}

fn drill() -> Connection {
    Connection {
        connection_id: "con_01900000000070008000000000000002".to_owned(),
        workspace_name: "Friday drill".to_owned(),
        method: ConnectionMethod::Synthetic.into(),
        ..connection()
    }
}

pub(super) fn counts(kind: &str, seen: u64, total: Option<u64>, skipped: u64) -> RunCounts {
    RunCounts {
        kind: kind.to_owned(),
        seen,
        written: seen - skipped,
        skipped,
        total,
        ..RunCounts::default()
    }
}

pub(super) fn run_in(state: RunState) -> Run {
    let going_on = state == RunState::Running;
    let mut contacts = counts("contacts", 524, Some(524), 12);
    contacts.skips.push(SkipCount {
        reason: "no_valid_email".to_owned(),
        count: 12,
    });
    let conversations = if going_on { 1_240 } else { 2_000 };
    Run {
        run_id: "run_01900000000070008000000000000009".to_owned(),
        connection_id: connection().connection_id,
        trigger: RunTrigger::Connected.into(),
        state: state.into(),
        counts: vec![
            counts("admins", 14, Some(14), 0),
            counts("teams", 3, Some(3), 0),
            counts("tags", 22, Some(22), 0),
            counts("companies", 41, Some(41), 0),
            contacts,
            counts("conversations", conversations, Some(2_000), 0),
            counts("parts", 9_811, None, 0),
        ],
        rows_per_second: 482.0,
        eta_secs: Some(95),
        requests: 1_288,
        created_at: ago(TimeDelta::minutes(14)),
        started_at: ago(TimeDelta::minutes(14)),
        ended_at: (!going_on).then(|| timestamp(now() - TimeDelta::minutes(12))),
        gap_count: u64::from(state == RunState::CompleteWithGaps) * 2,
        parts_held: 9_811,
        parts_counted: if going_on { 0 } else { 9_934 },
        ..Run::default()
    }
}

pub(super) fn status(state: RunState) -> Status {
    Status {
        connection_id: connection().connection_id,
        latest_run: Some(run_in(state)),
        last_complete_at: ago(TimeDelta::minutes(12)),
        last_ended_at: ago(TimeDelta::minutes(12)),
        next_run_at: ago(-TimeDelta::minutes(3)),
        customers: 512,
        contacts: 524,
        companies: 41,
        conversations: 2_000,
        parts: 12_480,
        ..Status::default()
    }
}

pub(super) fn report() -> Report {
    let check = |permission: &str, call: &str, granted: bool| PermissionCheck {
        permission: permission.to_owned(),
        call: call.to_owned(),
        granted,
        remedy: if granted {
            String::new()
        } else {
            "Tick “Read conversations” under Authentication of the app in Intercom's Developer Hub, then test again.".to_owned()
        },
        intercom_request_id: if granted {
            String::new()
        } else {
            "anvt4on87prigma30i8g".to_owned()
        },
    };
    Report::new(TestReport {
        ok: false,
        workspace_id: "nw7x2k1p".to_owned(),
        workspace_name: "Northwind".to_owned(),
        checks: vec![
            check("Read one admin", "GET /me", true),
            check("Read and list users and companies", "GET /contacts", true),
            check("Read conversations", "POST /conversations/search", false),
            check("Read tags", "GET /tags", true),
        ],
    })
}

/// A card with what sync says of it.
fn card(connection: &Connection, status: &Status, erasure: Option<&Erasure>) -> Card {
    let standing = ConnectionStatus::of(connection, Some(status), None);
    Card::new(connection, standing, Some(status), erasure, now())
}

pub(in crate::views) fn integrations() -> IntegrationsPage {
    let mut told = status(RunState::CompleteWithGaps);
    told.last_error =
        "2 conversations could not be read; they are read again with the next sync".to_owned();
    IntegrationsPage {
        frame: Frame {
            notice: Some(Notice::Connected),
            banner: banner(&run_in(RunState::CompleteWithGaps)),
            ..frame(Section::Integrations)
        },
        cards: vec![card(&connection(), &told, None)],
        drills: vec![Drill::new(&drill(), now())],
        tested: Some((connection().connection_id, report())),
        connect: ConnectForm::default(),
    }
}

/// Every state that a card can be in.
pub(in crate::views) fn integrations_states() -> IntegrationsPage {
    let by_token = Connection {
        method: ConnectionMethod::AccessToken.into(),
        data_policy: DataPolicy::MetadataOnly.into(),
        on_disconnect: OnDisconnect::Purge.into(),
        ..connection()
    };
    let first = |state| Status {
        last_complete_at: None,
        last_ended_at: None,
        ..status(state)
    };
    let degraded = Status {
        missing_permissions: vec!["Read tags".to_owned()],
        is_drift_high: true,
        ..status(RunState::Failed)
    };
    let paused = Status {
        is_paused: true,
        next_run_at: None,
        ..status(RunState::Complete)
    };
    let ended = |state: ConnectionState| Connection {
        state: state.into(),
        disconnected_at: ago(TimeDelta::hours(2)),
        ..by_token.clone()
    };
    let cards = vec![
        card(&connection(), &first(RunState::Queued), None),
        card(&connection(), &first(RunState::Running), None),
        card(&by_token, &degraded, None),
        card(&by_token, &paused, None),
        card(
            &ended(ConnectionState::Disconnecting),
            &status(RunState::Complete),
            Some(&erasure(false)),
        ),
        card(&ended(ConnectionState::Purged), &Status::default(), None),
    ];
    IntegrationsPage {
        frame: frame(Section::Integrations),
        cards,
        drills: Vec::new(),
        tested: None,
        connect: ConnectForm::default(),
    }
}

pub(in crate::views) fn integrations_broken() -> IntegrationsPage {
    let broken = Connection {
        state: ConnectionState::Disconnected.into(),
        state_reason:
            "Intercom no longer accepts the token: the app was uninstalled or its access revoked."
                .to_owned(),
        disconnected_at: ago(TimeDelta::hours(2)),
        ..connection()
    };
    let mut failed = run_in(RunState::Failed);
    failed.reason = "Intercom refused the token while conversations were read.".to_owned();
    IntegrationsPage {
        frame: Frame {
            banner: banner(&failed),
            pill: Some(Pill::of(
                &[("Northwind", ConnectionStatus::Disconnected)],
                false,
            )),
            ..frame(Section::Integrations)
        },
        cards: vec![card(&broken, &status(RunState::Failed), None)],
        drills: Vec::new(),
        tested: None,
        connect: ConnectForm::default(),
    }
}

pub(in crate::views) fn integrations_empty() -> IntegrationsPage {
    IntegrationsPage {
        frame: Frame {
            pill: Some(Pill::of(&[], false)),
            ..frame(Section::Integrations)
        },
        cards: Vec::new(),
        drills: Vec::new(),
        tested: None,
        connect: ConnectForm::default(),
    }
}

pub(in crate::views) fn token_form() -> TokenFormPage {
    TokenFormPage {
        frame: frame(Section::Integrations),
        connect: ConnectForm::default(),
        report: Some(report()),
        problem: Some(Problem {
            what: "A permission is missing.".to_owned(),
            remedy: "Nothing was saved. Grant what the table shows as missing, then try again."
                .to_owned(),
        }),
    }
}

pub(in crate::views) fn disconnect() -> DisconnectPage {
    DisconnectPage {
        frame: frame(Section::Integrations),
        id: connection().connection_id,
        workspace_name: connection().workspace_name,
        customers: "512 customers".to_owned(),
        erases: false,
        problem: None,
    }
}

pub(in crate::views) fn runs() -> RunsPage {
    let states = [
        RunState::Running,
        RunState::CompleteWithGaps,
        RunState::Failed,
        RunState::Complete,
    ];
    let followed = Run {
        kind: RunKind::Incremental.into(),
        trigger: RunTrigger::Scheduled.into(),
        counts: vec![counts("contacts", 12, None, 0)],
        requests: 9,
        drift: vec![drift_count(DriftCause::Stale, 3)],
        ..run_in(RunState::Complete)
    };
    let rows = std::iter::once(followed).chain(states.map(run_in));
    RunsPage {
        frame: frame(Section::Integrations),
        head: head(Tab::Runs),
        filters: RunFilter::all(&RunList::default()),
        is_filtered: false,
        rows: rows.map(|run| RunRow::new(&run, now())).collect(),
        pager: Pager {
            shown: "5 syncs".to_owned(),
            ..Pager::default()
        },
    }
}

pub(in crate::views) fn runs_empty() -> RunsPage {
    RunsPage {
        rows: Vec::new(),
        is_filtered: true,
        filters: RunFilter::all(&RunList {
            kind: RunKind::Incremental,
            state: RunState::Failed,
            ..RunList::default()
        }),
        ..runs()
    }
}

pub(super) fn drift_count(cause: DriftCause, count: u64) -> DriftCount {
    DriftCount {
        cause: cause.into(),
        count,
    }
}

/// A run that goes on for longer than most do.
pub(in crate::views) fn run_going_on() -> RunPage {
    RunPage::new(
        frame(Section::Integrations),
        &run_in(RunState::Running),
        RunExtras::default(),
        now(),
    )
}

pub(in crate::views) fn run() -> RunPage {
    let line = |severity: &str, message: &str, request: &str| RunLogLine {
        at: ago(TimeDelta::minutes(13)),
        severity: severity.to_owned(),
        message: message.to_owned(),
        intercom_request_id: request.to_owned(),
        ..RunLogLine::default()
    };
    let extras = RunExtras {
        gaps: vec![Gap {
            kind: "conversation".to_owned(),
            external_id: "210088".to_owned(),
            reason: "Intercom answered 500 five times.".to_owned(),
        }],
        gap_pager: Pager {
            shown: "1 record".to_owned(),
            ..Pager::default()
        },
        lines: vec![
            line("info", "Read 2,000 conversations of the last 90 days.", ""),
            line(
                "error",
                "Conversation 210088 could not be read: 500 after 5 attempts.",
                "anvt4on87prigma30i8g",
            ),
            line("warning", "Intercom asked to slow down; waited 3 s.", ""),
            line("info", "Began: full sync.", ""),
        ],
        log_pager: Pager {
            shown: "4 lines".to_owned(),
            ..Pager::default()
        },
        ..RunExtras::default()
    };
    let mut run = run_in(RunState::CompleteWithGaps);
    run.counts[5].truncated = 1;
    run.drift = vec![
        drift_count(DriftCause::Missing, 4),
        drift_count(DriftCause::Untold, 31),
    ];
    RunPage::new(frame(Section::Integrations), &run, extras, now())
}
