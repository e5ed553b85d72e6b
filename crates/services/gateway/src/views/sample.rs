//! Sample content for tests: names that a template must not trust among them.

use chrono::{DateTime, TimeDelta, Utc};
use harken_contracts::convert::timestamp;
use harken_contracts::wire::auth::v1::{ApiKey, Member};
use harken_contracts::wire::directory::v1::{
    CompanyRef, Conversation, ConversationWithParts, Customer,
};
use harken_contracts::wire::events::v1::{AuthorKind, ConversationStatus, Part};
use harken_contracts::wire::scoring::v1::{
    CountLevelsResponse, Factor, FactorExplanation, FactorScore, Score, ScoreExplanation,
};
use harken_contracts::wire::sync::v1::{
    Gap, Run, RunCounts, RunLogLine, RunState, RunTrigger, SkipCount, Status,
};
use harken_contracts::wire::types::v1::{PageInfo, RiskLevel, Role as WireRole};
use harken_contracts::wire::vault::v1::{
    Connection, ConnectionMethod, ConnectionState, PermissionCheck, TestReport,
};
use harken_domain::Role;
use prost_types::value::Kind;
use prost_types::{Struct, Timestamp, Value};

use super::api_keys::{ApiKeysPage, Created, KeyRow};
use super::banner::Banner;
use super::conversation::{ConversationPage, Participant};
use super::customer::{ConversationRow, CustomerPage, Details, Health};
use super::customers::{CustomerRow, CustomersPage, Filter, Order};
use super::disconnect::DisconnectPage;
use super::error::ErrorPage;
use super::frame::{Frame, Notice, Pill, Section};
use super::help::HelpPage;
use super::integrations::{Card, IntegrationsPage};
use super::level::Level;
use super::members::{MemberRow, MembersPage};
use super::overview::{Levels, NextStep, OverviewPage, Workspace};
use super::pager::Pager;
use super::run::{RunExtras, RunPage};
use super::runs::{RunRow, RunsPage};
use super::sign_in::SignInPage;
use super::test_report::Report;
use super::token_form::{Problem, TokenFormPage};

const COUNTS: CountLevelsResponse = CountLevelsResponse {
    healthy: 301,
    at_risk: 80,
    critical: 24,
    not_applicable: 107,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_180_000, 0).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn ago(delta: TimeDelta) -> Option<Timestamp> {
    Some(timestamp(now() - delta))
}

fn frame(section: Section) -> Frame {
    Frame {
        organization: "Northwind & Sons".to_owned(),
        person: "Ada Lovelace".to_owned(),
        role: Role::Owner,
        section,
        pill: Some(Pill::of(&[connection()], false)),
        banner: None,
        notice: None,
        form_token: "f0f0".to_owned(),
        search: String::new(),
    }
}

fn banner(run: &Run) -> Option<Banner> {
    Banner::new(run, now(), "f0f0".to_owned(), "/".to_owned())
}

fn connection() -> Connection {
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

fn counts(kind: &str, seen: u64, total: Option<u64>, skipped: u64) -> RunCounts {
    RunCounts {
        kind: kind.to_owned(),
        seen,
        written: seen - skipped,
        unchanged: 0,
        skipped,
        total,
        skips: Vec::new(),
    }
}

fn run_in(state: RunState) -> Run {
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

fn status(state: RunState) -> Status {
    Status {
        connection_id: connection().connection_id,
        latest_run: Some(run_in(state)),
        last_complete_at: ago(TimeDelta::minutes(12)),
        customers: 512,
        contacts: 524,
        companies: 41,
        conversations: 2_000,
        parts: 12_480,
    }
}

fn factor(factor: Factor, weight: f64, value: Option<f64>, points_lost: f64) -> FactorScore {
    FactorScore {
        factor: factor.into(),
        weight,
        value,
        points_lost,
    }
}

fn at_risk_factors() -> Vec<FactorScore> {
    vec![
        factor(Factor::SupportRecency, 20.0, Some(46.0), 13.491_125),
        factor(Factor::OpenVolume, 25.0, Some(35.0), 20.3125),
        factor(Factor::ResolutionTime, 20.0, None, 0.0),
        factor(Factor::ReopenRate, 20.0, Some(60.0), 10.0),
        factor(Factor::ResponseRate, 15.0, Some(26.287), 13.821_15),
    ]
}

fn score(name: &str, email: &str, points: Option<u32>, level: RiskLevel) -> Score {
    Score {
        customer_id: format!("cus_{:032x}", name.len() * 7 + points.unwrap_or(0) as usize),
        external_id: "65f1c0de".to_owned(),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        contact_role: "user".to_owned(),
        points,
        level: level.into(),
        raw: points.map(|points| f64::from(points) + 0.375_225),
        coverage: 0.8,
        factors: if points.is_some_and(|points| points < 90) {
            at_risk_factors()
        } else {
            Vec::new()
        },
        as_of: ago(TimeDelta::minutes(3)),
        trigger: "record_changed".to_owned(),
        last_seen_at: ago(TimeDelta::hours(i64::from(points.unwrap_or(7)) * 3)),
        ..Score::default()
    }
}

fn scores() -> Vec<Score> {
    vec![
        score(
            "Miles O'Brien",
            "miles@ds9.example",
            Some(14),
            RiskLevel::Critical,
        ),
        score(
            "Grace Hopper",
            "grace@navy.example",
            Some(27),
            RiskLevel::Critical,
        ),
        score(
            "<script>alert(1)</script>",
            "x@evil.example",
            Some(42),
            RiskLevel::AtRisk,
        ),
        score(
            "Annie Easley",
            "annie@nasa.example",
            Some(58),
            RiskLevel::AtRisk,
        ),
        score(
            "",
            "billing@hillside-dental.example",
            Some(76),
            RiskLevel::Healthy,
        ),
        score(
            "Katherine Johnson",
            "katherine@nasa.example",
            Some(99),
            RiskLevel::Healthy,
        ),
        score(
            "Radia Perlman",
            "radia@mst.example",
            None,
            RiskLevel::Unspecified,
        ),
    ]
}

fn rows() -> Vec<CustomerRow> {
    scores()
        .iter()
        .map(|score| CustomerRow::new(score, now()))
        .collect()
}

pub(super) fn overview() -> OverviewPage {
    let connections = [connection()];
    let statuses = [status(RunState::Running)];
    OverviewPage {
        frame: Frame {
            banner: banner(&run_in(RunState::Running)),
            pill: Some(Pill::of(&connections, true)),
            ..frame(Section::Overview)
        },
        next_step: NextStep::of(&connections, &statuses, Some(&COUNTS), true),
        levels: Some(Levels::new(COUNTS)),
        lowest: rows().into_iter().take(5).collect(),
        workspaces: vec![Workspace::new(&connections[0], Some(&statuses[0]), now())],
    }
}

pub(super) fn overview_empty() -> OverviewPage {
    OverviewPage {
        frame: Frame {
            pill: Some(Pill::of(&[], false)),
            ..frame(Section::Overview)
        },
        next_step: NextStep::of(&[], &[], None, true),
        levels: Some(Levels::new(CountLevelsResponse::default())),
        lowest: Vec::new(),
        workspaces: Vec::new(),
    }
}

pub(super) fn customers() -> CustomersPage {
    let page = PageInfo {
        next_page_token: "t2".to_owned(),
        total_count: 512,
    };
    CustomersPage {
        frame: Frame {
            banner: banner(&run_in(RunState::Complete)),
            ..frame(Section::Customers)
        },
        filters: Filter::all(Some(&COUNTS), None, "", ""),
        sorts: Order::named("").unwrap().choices(),
        is_filtered: false,
        is_connected: true,
        level: String::new(),
        rows: rows(),
        pager: Pager::new(
            "/customers",
            &[],
            "",
            Some(&page),
            50,
            ("customer", "customers"),
        ),
    }
}

pub(super) fn customers_empty() -> CustomersPage {
    CustomersPage {
        frame: Frame {
            search: "zzz <b>bold</b>".to_owned(),
            ..frame(Section::Customers)
        },
        filters: Filter::all(None, Some(Level::Critical), "zzz", ""),
        is_filtered: true,
        level: "critical".to_owned(),
        rows: Vec::new(),
        pager: Pager::default(),
        ..customers()
    }
}

fn explanation() -> ScoreExplanation {
    let told = |factor: Factor, title: &str, sentence: &str| FactorExplanation {
        factor: factor.into(),
        title: title.to_owned(),
        sentence: sentence.to_owned(),
    };
    ScoreExplanation {
        score: Some(Score {
            points: Some(42),
            raw: Some(42.375_225),
            ..score("Annie Easley", "annie@nasa.example", Some(42), RiskLevel::AtRisk)
        }),
        summary: "At risk at 42: open conversations cost most, and a message of ours has waited 11 days for an answer.".to_owned(),
        factors: vec![
            told(Factor::OpenVolume, "Open volume", "3 conversations are open; none would cost nothing."),
            told(Factor::ResponseRate, "Response rate", "A message of ours has waited 10 d 20 h for an answer."),
            told(Factor::SupportRecency, "Support recency", "Seen 5 days ago; the newest conversation changed 61 days ago."),
            told(Factor::ReopenRate, "Reopen rate", "1 reopening over 4 conversations in 30 days."),
            told(Factor::ResolutionTime, "Resolution time", "No conversation was closed in the last 90 days, so this factor is not judged."),
        ],
    }
}

fn text(value: &str) -> Value {
    Value {
        kind: Some(Kind::StringValue(value.to_owned())),
    }
}

fn annie() -> Customer {
    Customer {
        customer_id: "cus_01900000000070008000000000000003".to_owned(),
        external_id: "65f1c0de9a3b7c0012345678".to_owned(),
        contact_role: "user".to_owned(),
        email: Some("annie@nasa.example".to_owned()),
        name: Some("Annie Easley".to_owned()),
        first_seen_at: ago(TimeDelta::days(420)),
        last_seen_at: ago(TimeDelta::hours(111)),
        last_replied_at: ago(TimeDelta::days(61)),
        tags: vec![
            "enterprise".to_owned(),
            "beta <b>bold</b>".to_owned(),
            "billing".to_owned(),
        ],
        metadata: Some(Struct {
            fields: [
                ("plan".to_owned(), text("Scale")),
                ("signup_source".to_owned(), text("webinar")),
                (
                    "seats".to_owned(),
                    Value {
                        kind: Some(Kind::NumberValue(42.0)),
                    },
                ),
                (
                    "is_admin".to_owned(),
                    Value {
                        kind: Some(Kind::BoolValue(true)),
                    },
                ),
            ]
            .into(),
        }),
        companies: vec![CompanyRef {
            external_id: "77".to_owned(),
            name: "Orbital Dynamics".to_owned(),
            plan: "Scale".to_owned(),
        }],
        mirrored_at: ago(TimeDelta::minutes(12)),
        ..Customer::default()
    }
}

fn conversation_of(title: Option<&str>, status: ConversationStatus, days: i64) -> Conversation {
    Conversation {
        conversation_id: format!("cnv_{days:032x}"),
        external_id: format!("2100{days}"),
        status: status.into(),
        title: title.map(str::to_owned),
        created_at: ago(TimeDelta::days(days + 2)),
        updated_at: ago(TimeDelta::days(days)),
        first_response_secs: Some(1_260 * days.max(1)),
        resolution_secs: (status == ConversationStatus::Closed).then_some(92_000),
        reopen_count: u32::from(days > 5),
        assignment_count: 2,
        tags: vec!["billing".to_owned()],
        parts_held: 14,
        parts_counted: Some(if days > 9 { 512 } else { 14 }),
        ..Conversation::default()
    }
}

pub(super) fn customer() -> CustomerPage {
    let conversations = [
        conversation_of(
            Some("Invoice shows the wrong seat count"),
            ConversationStatus::Open,
            1,
        ),
        conversation_of(
            Some("Export never finishes <b>bold</b>"),
            ConversationStatus::Snoozed,
            6,
        ),
        conversation_of(None, ConversationStatus::Closed, 12),
    ];
    CustomerPage {
        frame: frame(Section::Customers),
        details: Details::new(&annie(), now()),
        health: Health::new(&explanation(), now()),
        conversations: conversations
            .iter()
            .map(|one| ConversationRow::new(one, now()))
            .collect(),
        pager: Pager {
            shown: "3 conversations".to_owned(),
            ..Pager::default()
        },
    }
}

pub(super) fn customer_na() -> CustomerPage {
    let explanation = ScoreExplanation {
        score: Some(score(
            "Radia Perlman",
            "radia@mst.example",
            None,
            RiskLevel::Unspecified,
        )),
        summary: "N/A: there is no conversation to judge by.".to_owned(),
        factors: Vec::new(),
    };
    CustomerPage {
        health: Health::new(&explanation, now()),
        conversations: Vec::new(),
        ..customer()
    }
}

fn part(part_type: &str, author: AuthorKind, minutes: i64, text: Option<&str>) -> Part {
    Part {
        external_id: minutes.to_string(),
        part_type: part_type.to_owned(),
        author_kind: author.into(),
        author_external_id: Some("991267".to_owned()),
        created_at: ago(TimeDelta::minutes(3_000 - minutes)),
        is_visible_message: text.is_some() && part_type != "note",
        is_reopening: part_type == "open",
        text: text.map(str::to_owned),
        ..Part::default()
    }
}

pub(super) fn conversation() -> ConversationPage {
    let held = ConversationWithParts {
        conversation: Some(conversation_of(
            Some("Invoice shows the wrong seat count"),
            ConversationStatus::Open,
            12,
        )),
        parts: vec![
            part(
                "source",
                AuthorKind::Contact,
                0,
                Some(
                    "Hi, our invoice for November lists 52 seats.\n\nWe have 42. Can you correct it before Friday? <script>alert(1)</script>",
                ),
            ),
            part(
                "comment",
                AuthorKind::Bot,
                1,
                Some("Thanks for writing in. A teammate will look at this shortly."),
            ),
            part("assignment", AuthorKind::Admin, 21, None),
            part(
                "note",
                AuthorKind::Admin,
                30,
                Some("Their SCIM sync doubled ten users, see the ticket of last week."),
            ),
            part(
                "comment",
                AuthorKind::Admin,
                44,
                Some(
                    "You are right, and I am sorry: ten users were counted twice. I have sent a corrected invoice.",
                ),
            ),
            part("close", AuthorKind::Admin, 45, None),
            part(
                "open",
                AuthorKind::Contact,
                2_000,
                Some("It still says 52 on the portal?"),
            ),
        ],
    };
    let customers = vec![Participant {
        id: "cus_01900000000070008000000000000003".to_owned(),
        name: "Annie Easley".to_owned(),
    }];
    ConversationPage::new(frame(Section::Customers), &held, customers, now())
}

fn report() -> Report {
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

pub(super) fn integrations() -> IntegrationsPage {
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
        tested: Some((connection().connection_id, report())),
    }
}

pub(super) fn integrations_broken() -> IntegrationsPage {
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
        tested: None,
    }
}

pub(super) fn integrations_empty() -> IntegrationsPage {
    IntegrationsPage {
        frame: Frame {
            pill: Some(Pill::of(&[], false)),
            ..frame(Section::Integrations)
        },
        cards: Vec::new(),
        tested: None,
    }
}

pub(super) fn token_form() -> TokenFormPage {
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

pub(super) fn disconnect() -> DisconnectPage {
    DisconnectPage {
        frame: frame(Section::Integrations),
        id: connection().connection_id,
        workspace_name: connection().workspace_name,
        customers: "512 customers".to_owned(),
        erases: false,
    }
}

pub(super) fn runs() -> RunsPage {
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

pub(super) fn run() -> RunPage {
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

pub(super) fn api_keys() -> ApiKeysPage {
    let key = |name: &str, revoked: bool| ApiKey {
        api_key_id: "key_01900000000070008000000000000001".to_owned(),
        name: name.to_owned(),
        prefix: "hk_9fK2".to_owned(),
        role: WireRole::Viewer.into(),
        created_at: ago(TimeDelta::days(3)),
        last_used_at: if revoked {
            None
        } else {
            ago(TimeDelta::minutes(7))
        },
        revoked_at: if revoked {
            ago(TimeDelta::hours(2))
        } else {
            None
        },
    };
    ApiKeysPage {
        frame: frame(Section::Settings),
        rows: [
            key("Nightly export", false),
            key("Old <b>bold</b> script", true),
        ]
        .map(|key| KeyRow::new(&key, now()))
        .into(),
        created: Some(Created {
            name: "Score reader".to_owned(),
            secret: "hk_9fK2vTq8mZ1nYw4sXc7bRd3eUj6hLp0aGo5iEt2kNxBvQzWs".to_owned(),
        }),
        problem: None,
        name: String::new(),
    }
}

pub(super) fn members() -> MembersPage {
    let member = |name: &str, email: &str, role: WireRole| Member {
        name: name.to_owned(),
        email: email.to_owned(),
        role: role.into(),
        created_at: ago(TimeDelta::days(30)),
        ..Member::default()
    };
    let members = [
        member("Ada Lovelace", "ada@northwind.example", WireRole::Owner),
        member("Edith Clarke", "edith@northwind.example", WireRole::Viewer),
    ];
    MembersPage {
        frame: frame(Section::Settings),
        rows: members
            .iter()
            .map(|one| MemberRow::new(one, now()))
            .collect(),
    }
}

pub(super) fn help() -> HelpPage {
    HelpPage::new(frame(Section::Overview))
}

pub(super) fn sign_in() -> SignInPage {
    SignInPage {
        reason: Some("Sign in to see that page."),
    }
}

pub(super) fn error() -> ErrorPage {
    ErrorPage {
        what: "You pressed Cancel in Intercom",
        why: "Intercom says that access was not allowed, so nothing was connected and nothing was read.".to_owned(),
        remedy: "Start again from Integrations and press Allow on Intercom's page.",
        way_on: ("Back to Integrations", "/integrations"),
        request_id: "req_8f14e45fceea167a".to_owned(),
    }
}
