//! What happened of late.

use chrono::TimeDelta;
use harken_contracts::wire::events::v1::RecordCause;
use harken_contracts::wire::types::v1::RiskLevel;

use crate::app::{Entry, Movement};
use crate::views::activity::{ActivityPage, Kind};
use crate::views::feed::Feed;
use crate::views::frame::{Frame, Pill, Section};

use super::*;

pub(super) fn feed() -> Feed {
    let who = |index: usize| scores()[index].customer_id.clone();
    let entry = |secs: i64, index: usize, cause: Option<RecordCause>| Entry {
        at: now() - TimeDelta::seconds(secs),
        customer: who(index),
        conversation: Some("cnv_01900000000070008000000000000001".to_owned()),
        cause,
        movement: None,
    };
    let moved = |from: u32, to: u32, level: RiskLevel, reason: &str| {
        Some(Movement {
            from: Some(from),
            to: Some(to),
            level,
            reason: reason.to_owned(),
        })
    };
    let entries = [
        Entry {
            movement: moved(
                71,
                58,
                RiskLevel::AtRisk,
                "a closed conversation was opened again",
            ),
            ..entry(8, 0, Some(RecordCause::ConversationReopened))
        },
        Entry {
            movement: moved(44, 52, RiskLevel::AtRisk, "a conversation was closed"),
            ..entry(95, 1, Some(RecordCause::ConversationClosed))
        },
        entry(240, 2, Some(RecordCause::ConversationPartCreated)),
        Entry {
            movement: moved(41, 39, RiskLevel::Critical, "nobody has answered for a day"),
            conversation: None,
            ..entry(600, 2, None)
        },
        entry(900, 1, Some(RecordCause::ConversationAssigned)),
        Entry {
            customer: String::new(),
            ..entry(1_500, 0, Some(RecordCause::ConversationCreated))
        },
        Entry {
            conversation: None,
            ..entry(7_200, 0, Some(RecordCause::ContactUpdated))
        },
    ];
    Feed::new(&entries, &scores(), now())
}

pub(in crate::views) fn activity() -> ActivityPage {
    ActivityPage {
        frame: frame(Section::Activity),
        chosen: None,
        feed: feed(),
        is_connected: true,
    }
}

pub(in crate::views) fn activity_empty() -> ActivityPage {
    ActivityPage {
        frame: Frame {
            pill: Some(Pill::of(&[], false)),
            ..frame(Section::Activity)
        },
        chosen: Some(Kind::Scores),
        feed: Feed::default(),
        is_connected: false,
    }
}
