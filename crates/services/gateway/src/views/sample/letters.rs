//! Dead letters.

use chrono::TimeDelta;
use harken_contracts::wire::dead::v1::{DeadLetter, DeadLetterWithMessage};

use crate::app::Disposal;
use crate::views::dead_letters::confirm::ConfirmPage;
use crate::views::dead_letters::filter::Filter;
use crate::views::dead_letters::{DeadLetterPage, DeadLettersPage, Row, Workspaces};
use crate::views::frame::Section;
use crate::views::pager::Pager;

use super::*;

fn workspaces() -> Workspaces {
    let named = |id: String, name: &str| (id, name.to_owned());
    Workspaces(vec![
        named(connection().connection_id, "Northwind <b>bold</b>"),
        named("con_2".to_owned(), "Northwind Labs"),
    ])
}

fn letter(id: u64, service: &str, reason: &str, error: &str, event_type: &str) -> DeadLetter {
    DeadLetter {
        dead_letter_id: id,
        connection_id: connection().connection_id,
        service: service.to_owned(),
        reason: reason.to_owned(),
        error: error.to_owned(),
        event_type: event_type.to_owned(),
        message_id: "nw7x2k1p:notif_6d8f0b1c".to_owned(),
        subject: "harken.webhook.v1.con_01900000000070008000000000000001.22".to_owned(),
        attempts: 3,
        died_at: ago(TimeDelta::minutes(5 * i64::try_from(id % 97).unwrap_or(1))),
        size_bytes: 4_812,
    }
}

fn rows() -> Vec<Row> {
    let letters = [
        letter(
            1_482,
            "sync",
            "undecodable",
            "the item is no conversation: expected an object at line 1",
            "webhook.v1.received",
        ),
        letter(
            1_481,
            "sync",
            "panic",
            "the handler panicked",
            "webhook.v1.received",
        ),
        letter(
            1_477,
            "scoring",
            "invalid",
            "customer_id is no id",
            "record.v1.changed",
        ),
        letter(
            1_402,
            "scoring",
            "exhausted",
            "it was never answered for, and the server gave it up",
            "record.v1.changed",
        ),
    ];
    letters
        .iter()
        .map(|one| Row::new(one, &workspaces(), now()))
        .collect()
}

pub(in crate::views) fn dead_letters() -> DeadLettersPage {
    DeadLettersPage {
        frame: frame(Section::Settings),
        filter: Filter::default().among(&workspaces()),
        rows: Some(rows()),
        pager: Pager {
            shown: "4 of 31 dead letters".to_owned(),
            next: Some("/settings/dead-letters?after=t".to_owned()),
            ..Pager::default()
        },
        total: "31".to_owned(),
    }
}

pub(in crate::views) fn dead_letters_empty() -> DeadLettersPage {
    DeadLettersPage {
        rows: Some(Vec::new()),
        pager: Pager::default(),
        ..dead_letters()
    }
}

pub(in crate::views) fn dead_letters_away() -> DeadLettersPage {
    DeadLettersPage {
        rows: None,
        ..dead_letters()
    }
}

pub(in crate::views) fn dead_letter() -> DeadLetterPage {
    let held = DeadLetterWithMessage {
        dead_letter: Some(letter(1_482, "sync", "undecodable", "the item is no conversation: expected an object at line 1", "webhook.v1.received")),
        message_json: "{\n  \"workspace_id\": \"nw7x2k1p\",\n  \"topic\": \"conversation.user.replied\",\n  \"body\": {\n    \"type\": \"notification_event\",\n    \"data\": { \"item\": \"<b>bold</b> not an object\" }\n  }\n}".to_owned(),
    };
    DeadLetterPage::new(frame(Section::Settings), held, &workspaces(), now())
}

pub(in crate::views) fn dead_letters_confirm(disposal: Disposal) -> ConfirmPage {
    ConfirmPage {
        frame: frame(Section::Settings),
        disposal,
        counted: "31 dead letters".to_owned(),
        is_empty: false,
        sample: rows(),
        others: Some("27".to_owned()),
        ids: String::new(),
        filter: Filter::default(),
        until: now().to_rfc3339(),
    }
}
