//! Connections and what was synced.

use chrono::TimeDelta;
use harken_contracts::convert::timestamp;
use harken_contracts::wire::sync::v1::{
    Gap, Run, RunCounts, RunLogLine, RunState, RunTrigger, SkipCount, Status,
};
use harken_contracts::wire::vault::v1::{
    Connection, ConnectionMethod, ConnectionState, PermissionCheck, TestReport,
};

use crate::views::disconnect::DisconnectPage;
use crate::views::frame::{Frame, Notice, Pill, Section};
use crate::views::integrations::{Card, Drill, IntegrationsPage};
use crate::views::pager::Pager;
use crate::views::run::{RunExtras, RunPage};
use crate::views::runs::{RunRow, RunsPage};
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
        ..Run::default()
    }
}

pub(super) fn status(state: RunState) -> Status {
    Status {
        connection_id: connection().connection_id,
        latest_run: Some(run_in(state)),
        last_complete_at: ago(TimeDelta::minutes(12)),
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

pub(in crate::views) fn integrations() -> IntegrationsPage {
    IntegrationsPage {
        frame: Frame {
            notice: Some(Notice::Connected),
            banner: banner(&run_in(RunState::CompleteWithGaps)),
            ..frame(Section::Integrations)
        },
        cards: vec![Card::new(
            &connection(),
            Some(&status(RunState::CompleteWithGaps)),
            now(),
        )],
        drills: vec![Drill::new(&drill(), now())],
        tested: Some((connection().connection_id, report())),
    }
}

pub(in crate::views) fn integrations_broken() -> IntegrationsPage {
    let broken = Connection {
        state: ConnectionState::Disconnected.into(),
        state_reason:
            "Intercom no longer accepts the token: the app was uninstalled or its access revoked."
                .to_owned(),
        ..connection()
    };
    let mut failed = run_in(RunState::Failed);
    failed.reason = "Intercom refused the token while conversations were read.".to_owned();
    IntegrationsPage {
        frame: Frame {
            banner: banner(&failed),
            pill: Some(Pill::of(std::slice::from_ref(&broken), false)),
            ..frame(Section::Integrations)
        },
        cards: vec![Card::new(&broken, Some(&status(RunState::Failed)), now())],
        drills: Vec::new(),
        tested: None,
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
    }
}

pub(in crate::views) fn token_form() -> TokenFormPage {
    TokenFormPage {
        frame: frame(Section::Integrations),
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
    }
}

pub(in crate::views) fn runs() -> RunsPage {
    let states = [
        RunState::Running,
        RunState::CompleteWithGaps,
        RunState::Failed,
        RunState::Complete,
    ];
    RunsPage {
        frame: frame(Section::Integrations),
        workspace_name: connection().workspace_name,
        rows: states
            .map(|state| RunRow::new(&run_in(state), now()))
            .into(),
        pager: Pager {
            shown: "4 runs".to_owned(),
            ..Pager::default()
        },
    }
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
    RunPage::new(
        frame(Section::Integrations),
        &run_in(RunState::CompleteWithGaps),
        extras,
        now(),
    )
}
