//! Scores, and lists of them.

use chrono::TimeDelta;
use harken_contracts::wire::scoring::v1::{
    CountLevelsResponse, Factor, FactorExplanation, FactorScore, Score, ScoreExplanation,
};
use harken_contracts::wire::sync::v1::RunState;
use harken_contracts::wire::types::v1::{PageInfo, RiskLevel};

use crate::rules::connection_status::ConnectionStatus;
use crate::views::customers::{CustomerRow, CustomersPage, Filter, Order};
use crate::views::feed::Feed;
use crate::views::frame::{Frame, Pill, Section};
use crate::views::level::Level;
use crate::views::next_step::NextStep;
use crate::views::overview::{Levels, OverviewPage, Workspace};
use crate::views::pager::Pager;

use super::*;

pub(super) const COUNTS: CountLevelsResponse = CountLevelsResponse {
    healthy: 301,
    at_risk: 80,
    critical: 24,
    not_applicable: 107,
};

pub(super) fn factor(
    factor: Factor,
    weight: f64,
    value: Option<f64>,
    points_lost: f64,
) -> FactorScore {
    FactorScore {
        factor: factor.into(),
        weight,
        value,
        points_lost,
    }
}

pub(super) fn at_risk_factors() -> Vec<FactorScore> {
    vec![
        factor(Factor::SupportRecency, 20.0, Some(46.0), 13.491_125),
        factor(Factor::OpenVolume, 25.0, Some(35.0), 20.3125),
        factor(Factor::ResolutionTime, 20.0, None, 0.0),
        factor(Factor::ReopenRate, 20.0, Some(60.0), 10.0),
        factor(Factor::ResponseRate, 15.0, Some(26.287), 13.821_15),
    ]
}

pub(super) fn score(name: &str, email: &str, points: Option<u32>, level: RiskLevel) -> Score {
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

pub(super) fn scores() -> Vec<Score> {
    vec![
        score(
            "Miles O'Brien",
            "miles@ds9.example",
            Some(14),
            RiskLevel::Critical,
        ),
        score(
            "Grace Brewster Murray Hopper",
            "grace.brewster.murray.hopper@naval-reserve.example",
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

pub(super) fn rows() -> Vec<CustomerRow> {
    scores()
        .iter()
        .enumerate()
        .map(|(place, score)| CustomerRow::new(score, place == 2, now()))
        .collect()
}

pub(in crate::views) fn overview() -> OverviewPage {
    let connections = [connection()];
    let statuses = [status(RunState::Running)];
    OverviewPage {
        frame: Frame {
            banner: banner(&run_in(RunState::Running)),
            pill: Some(Pill::of(&[("Northwind", ConnectionStatus::Syncing)], true)),
            ..frame(Section::Overview)
        },
        next_step: NextStep::of(&connections, &statuses, Some(&COUNTS), true),
        levels: Some(Levels::new(COUNTS)),
        lowest: rows().into_iter().take(5).collect(),
        workspaces: vec![Workspace::new(
            &connections[0],
            ConnectionStatus::Syncing,
            Some(&statuses[0]),
            now(),
        )],
        feed: feed(),
    }
}

pub(in crate::views) fn overview_empty() -> OverviewPage {
    OverviewPage {
        frame: Frame {
            pill: Some(Pill::of(&[], false)),
            ..frame(Section::Overview)
        },
        next_step: NextStep::of(&[], &[], None, true),
        levels: Some(Levels::new(CountLevelsResponse::default())),
        lowest: Vec::new(),
        workspaces: Vec::new(),
        feed: Feed::default(),
    }
}

pub(in crate::views) fn customers() -> CustomersPage {
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

pub(in crate::views) fn customers_empty() -> CustomersPage {
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

pub(super) fn explanation() -> ScoreExplanation {
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
            told(Factor::OpenVolume, "Open conversations", "3 conversations are open; none would cost nothing."),
            told(Factor::ResponseRate, "Response rate", "A message of ours has waited 10 d 20 h for an answer."),
            told(Factor::SupportRecency, "Support recency", "Seen 5 days ago; the newest conversation changed 61 days ago."),
            told(Factor::ReopenRate, "Reopen rate", "1 reopening over 4 conversations in 30 days."),
            told(Factor::ResolutionTime, "Resolution time", "No conversation was closed in the last 90 days, so this factor is not judged."),
        ],
    }
}
