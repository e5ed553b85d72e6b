//! How a mirror is kept, and how it ends.

use chrono::{DurationRound as _, TimeDelta};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::events::v1::ErasedCount;
use harken_contracts::wire::sync::v1::{
    Completeness, Drift, DriftCause, DriftDay, IncompleteCount, IncompleteReason, IncompleteRecord,
    RunState, SampleField, SampleRecord, SyncSettings,
};
use harken_contracts::wire::types::v1::{DataPolicy, OnDisconnect};
use harken_contracts::wire::vault::v1::{Connection, ConnectionState, Erasure, ErasureReceipt};

use crate::rules::connection_status::ConnectionStatus;
use crate::views::completeness::{CompletenessPage, IncompleteRow, Numbers, ReasonFilter};
use crate::views::connect::ConnectPage;
use crate::views::connect_form::ConnectForm;
use crate::views::connection_head::Tab;
use crate::views::disconnect::DisconnectPage;
use crate::views::drift::{DriftPage, PERIODS, Told};
use crate::views::erasure::ErasurePage;
use crate::views::frame::Section;
use crate::views::last_run::LastRun;
use crate::views::pager::Pager;
use crate::views::remove_data::RemoveDataPage;
use crate::views::replace_token::ReplaceTokenPage;
use crate::views::stored::StoredPage;
use crate::views::sync_settings::{SettingsForm, SyncSettingsPage};
use crate::views::token_form::Problem;

use super::*;

const PATH: &str = "/integrations/con_1/completeness";

fn completeness_told(is_whole: bool) -> Completeness {
    let reason = |reason: IncompleteReason, count| IncompleteCount {
        reason: reason.into(),
        count,
    };
    Completeness {
        conversations: 2_000,
        conversations_complete: if is_whole { 2_000 } else { 1_986 },
        parts_held: if is_whole { 9_934 } else { 9_811 },
        parts_counted: 9_934,
        reasons: if is_whole {
            Vec::new()
        } else {
            vec![
                reason(IncompleteReason::Truncated, 9),
                reason(IncompleteReason::Refused, 3),
                reason(IncompleteReason::Waiting, 2),
            ]
        },
        checked_at: ago(TimeDelta::minutes(12)),
        ..Completeness::default()
    }
}

pub(in crate::views) fn completeness() -> CompletenessPage {
    let told = completeness_told(false);
    let records = [
        IncompleteRecord {
            kind: "conversation".to_owned(),
            external_id: "215468090".to_owned(),
            id: "cnv_01900000000070008000000000000001".to_owned(),
            reason: IncompleteReason::Truncated.into(),
            detail: "the latest 500 of 623 parts are here; 123 older ones were never seen"
                .to_owned(),
            remedy: "Intercom gives no more of it; they can be read in Intercom itself".to_owned(),
            parts_held: Some(500),
            parts_counted: Some(623),
            updated_at: ago(TimeDelta::hours(5)),
            ..IncompleteRecord::default()
        },
        IncompleteRecord {
            kind: "conversation".to_owned(),
            external_id: "215467001".to_owned(),
            reason: IncompleteReason::Refused.into(),
            detail: "Intercom answered 403 to GET /conversations/215467001".to_owned(),
            remedy: "tick Read conversations under Authentication of the app, then retry the sync"
                .to_owned(),
            intercom_request_id: "anvt4on87prigma30i8g".to_owned(),
            ..IncompleteRecord::default()
        },
        IncompleteRecord {
            kind: "contact".to_owned(),
            external_id: "6657adf6abd0166c78b8afb2".to_owned(),
            id: "cus_01900000000070008000000000000001".to_owned(),
            reason: IncompleteReason::Waiting.into(),
            detail: "only a notification told of it".to_owned(),
            remedy: "nothing to do: it is fetched within minutes".to_owned(),
            updated_at: ago(TimeDelta::minutes(1)),
            ..IncompleteRecord::default()
        },
    ];
    CompletenessPage {
        frame: frame(Section::Integrations),
        head: head(Tab::Completeness),
        numbers: Some(Numbers::new(&told, now())),
        filters: ReasonFilter::all(Some(&told), PATH, IncompleteReason::Unspecified, ""),
        reason: String::new(),
        query: String::new(),
        is_filtered: false,
        is_away: false,
        rows: records
            .into_iter()
            .map(|record| IncompleteRow::new(record, now()))
            .collect(),
        pager: Pager {
            shown: "3 of 14 records".to_owned(),
            next: Some(PATH.to_owned()),
            ..Pager::default()
        },
    }
}

pub(in crate::views) fn completeness_whole() -> CompletenessPage {
    let told = completeness_told(true);
    CompletenessPage {
        numbers: Some(Numbers::new(&told, now())),
        filters: ReasonFilter::all(Some(&told), PATH, IncompleteReason::Unspecified, ""),
        rows: Vec::new(),
        ..completeness()
    }
}

pub(in crate::views) fn completeness_away() -> CompletenessPage {
    CompletenessPage {
        numbers: None,
        filters: ReasonFilter::all(None, PATH, IncompleteReason::Unspecified, ""),
        rows: Vec::new(),
        is_away: true,
        ..completeness()
    }
}

fn drift_told() -> Drift {
    let today = now().duration_trunc(TimeDelta::days(1)).unwrap();
    let day = |back: i64, missing, stale, gone, untold| DriftDay {
        day: Some(timestamp(today - TimeDelta::days(back))),
        causes: vec![
            drift_count(DriftCause::Missing, missing),
            drift_count(DriftCause::Stale, stale),
            drift_count(DriftCause::Gone, gone),
            drift_count(DriftCause::Untold, untold),
        ],
    };
    Drift {
        causes: vec![
            drift_count(DriftCause::Untold, 31),
            drift_count(DriftCause::Stale, 9),
            drift_count(DriftCause::Missing, 5),
            drift_count(DriftCause::Gone, 1),
        ],
        days: vec![day(5, 4, 6, 0, 12), day(2, 1, 2, 1, 9), day(0, 0, 1, 0, 10)],
        records_compared: 4_812,
        ..Drift::default()
    }
}

pub(in crate::views) fn drift() -> DriftPage {
    DriftPage {
        frame: frame(Section::Integrations),
        head: head(Tab::Drift),
        periods: PERIODS.map(|(days, word)| (days, word, days == 7)).into(),
        told: Some(Told::new(&drift_told(), false, 7, now())),
    }
}

pub(in crate::views) fn drift_high() -> DriftPage {
    DriftPage {
        told: Some(Told::new(&drift_told(), true, 30, now())),
        ..drift()
    }
}

pub(in crate::views) fn drift_none() -> DriftPage {
    let none = Drift {
        records_compared: 4_812,
        ..Drift::default()
    };
    DriftPage {
        told: Some(Told::new(&none, false, 7, now())),
        ..drift()
    }
}

fn private() -> Connection {
    Connection {
        data_policy: DataPolicy::MetadataOnly.into(),
        on_disconnect: OnDisconnect::Purge.into(),
        ..connection()
    }
}

pub(in crate::views) fn stored() -> StoredPage {
    let record = |table: &str, fields: &[(&str, &str)]| SampleRecord {
        table: table.to_owned(),
        fields: fields
            .iter()
            .map(|(name, value)| SampleField {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
    };
    let records = vec![
        record(
            "contacts",
            &[
                ("external_id", "px_7Qm4tW1c9Zr0Kf2LbN8s"),
                ("contact_role", "user"),
                ("first_seen_at", "2026-03-01 09:12:44+00"),
                ("last_seen_at", "2026-11-20 16:03:10+00"),
                ("tags", "{vip,emea}"),
            ],
        ),
        record(
            "conversations",
            &[
                ("external_id", "215468090"),
                ("status", "open"),
                ("created_at", "2026-11-20 13:55:01+00"),
                ("first_response_secs", "412"),
                ("assignment_count", "3"),
                ("is_bot_only", "false"),
            ],
        ),
    ];
    let (frame, head) = (frame(Section::Integrations), head(Tab::Stored));
    StoredPage::new(frame, head, &private(), Some(records))
}

pub(in crate::views) fn stored_empty() -> StoredPage {
    let (frame, head) = (frame(Section::Integrations), head(Tab::Stored));
    StoredPage::new(frame, head, &connection(), Some(Vec::new()))
}

fn settings_form() -> SettingsForm {
    let settings = SyncSettings {
        interval_secs: 900,
        backfill_days: 90,
        next_run_at: ago(-TimeDelta::minutes(3)),
        ..SyncSettings::default()
    };
    SettingsForm::new(&settings, now())
}

pub(in crate::views) fn sync_settings() -> SyncSettingsPage {
    SyncSettingsPage {
        frame: frame(Section::Integrations),
        head: head(Tab::Settings),
        is_alive: true,
        last_run: Some(LastRun::new(&run_in(RunState::CompleteWithGaps), now())),
        last_error: "2 conversations could not be read; they are read again with the next sync."
            .to_owned(),
        form: Some(settings_form()),
    }
}

pub(in crate::views) fn sync_settings_wrong() -> SyncSettingsPage {
    SyncSettingsPage {
        form: Some(SettingsForm {
            interval_minutes: "0".to_owned(),
            interval_problem: Some("Give a whole number of minutes, 1 to 1,440.".to_owned()),
            is_paused: true,
            ..settings_form()
        }),
        ..sync_settings()
    }
}

pub(in crate::views) fn erasure(is_overdue: bool) -> Erasure {
    let receipt = |service: &str, erased: &[(&str, u64)]| ErasureReceipt {
        service: service.to_owned(),
        erased: erased
            .iter()
            .map(|(place, count)| ErasedCount {
                place: (*place).to_owned(),
                count: *count,
            })
            .collect(),
        erased_at: ago(TimeDelta::minutes(3)),
    };
    Erasure {
        requested_at: ago(TimeDelta::hours(if is_overdue { 26 } else { 1 })),
        receipts: vec![
            receipt(
                "sync",
                &[
                    ("sync.contacts", 524),
                    ("sync.conversations", 2_000),
                    ("sync.parts", 9_811),
                    ("sync.segments", 0),
                ],
            ),
            receipt(
                "scoring",
                &[("scoring.scores", 512), ("scoring.history", 4_096)],
            ),
        ],
        waiting_for: vec!["ingress".to_owned(), "bus".to_owned()],
        is_overdue,
        ..Erasure::default()
    }
}

fn erasure_page(state: ConnectionState, erasure: &Erasure) -> ErasurePage {
    let ended = Connection {
        state: state.into(),
        ..private()
    };
    let standing = ConnectionStatus::of(&ended, None, None);
    ErasurePage::new(
        frame(Section::Integrations),
        &ended,
        standing,
        erasure,
        now(),
    )
}

pub(in crate::views) fn erasure_going_on() -> ErasurePage {
    erasure_page(ConnectionState::Disconnecting, &erasure(false))
}

pub(in crate::views) fn erasure_overdue() -> ErasurePage {
    erasure_page(ConnectionState::Disconnecting, &erasure(true))
}

pub(in crate::views) fn erasure_done() -> ErasurePage {
    let done = Erasure {
        completed_at: ago(TimeDelta::minutes(2)),
        waiting_for: Vec::new(),
        ..erasure(false)
    };
    erasure_page(ConnectionState::Purged, &done)
}

pub(in crate::views) fn erasure_none() -> ErasurePage {
    erasure_page(ConnectionState::Disconnected, &Erasure::default())
}

pub(in crate::views) fn remove_data() -> RemoveDataPage {
    RemoveDataPage {
        frame: frame(Section::Integrations),
        id: connection().connection_id,
        workspace_name: connection().workspace_name,
        customers: "512 customers".to_owned(),
        problem: Some("That is not the name of the workspace.".to_owned()),
    }
}

pub(in crate::views) fn disconnect_purge() -> DisconnectPage {
    DisconnectPage {
        erases: true,
        ..disconnect()
    }
}

pub(in crate::views) fn replace_token() -> ReplaceTokenPage {
    ReplaceTokenPage {
        frame: frame(Section::Integrations),
        id: connection().connection_id,
        workspace_name: connection().workspace_name,
        workspace_id: connection().workspace_id,
        is_alive: true,
        report: None,
        problem: Some(Problem {
            what: "This is another workspace.".to_owned(),
            remedy: "The token is of workspace ab12cd34; this connection is of nw7x2k1p."
                .to_owned(),
        }),
    }
}

pub(in crate::views) fn connect() -> ConnectPage {
    ConnectPage {
        frame: frame(Section::Integrations),
        connect: ConnectForm::choosing(DataPolicy::MetadataOnly, OnDisconnect::Purge),
    }
}
