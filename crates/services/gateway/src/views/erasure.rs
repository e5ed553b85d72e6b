use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::vault::v1::{Connection, ConnectionState, Erasure, ErasureReceipt};

use crate::rules::connection_status::ConnectionStatus;
use crate::rules::numbers;
use crate::views::connection_badge::ConnectionBadge;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::when::When;

/// What every part of Harken erased of a connection.
#[derive(Debug, Template)]
#[template(path = "pages/erasure.html")]
pub(crate) struct ErasurePage {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) workspace_id: String,
    pub(crate) badge: ConnectionBadge,
    /// Whether there is anything that could be erased, and somebody who may.
    pub(crate) can_remove: bool,
    pub(crate) was_asked: bool,
    pub(crate) is_overdue: bool,
    pub(crate) requested: Option<When>,
    pub(crate) completed: Option<When>,
    pub(crate) waiting_for: String,
    pub(crate) total: String,
    pub(crate) receipts: Vec<Receipt>,
}

/// What one part erased.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) when: Option<When>,
    pub(crate) rows: Vec<(String, String)>,
    pub(crate) total: String,
}

impl ErasurePage {
    pub(crate) fn new(
        frame: Frame,
        connection: &Connection,
        standing: ConnectionStatus,
        erasure: &Erasure,
        now: DateTime<Utc>,
    ) -> Self {
        let total = erasure.receipts.iter().map(rows).sum();
        Self {
            can_remove: frame.manages() && connection.state() == ConnectionState::Disconnected,
            frame,
            id: connection.connection_id.clone(),
            workspace_name: connection.workspace_name.clone(),
            workspace_id: connection.workspace_id.clone(),
            badge: ConnectionBadge(standing),
            was_asked: erasure.requested_at.is_some(),
            is_overdue: erasure.is_overdue,
            requested: When::read(erasure.requested_at.as_ref(), now),
            completed: When::read(erasure.completed_at.as_ref(), now),
            waiting_for: waited_for(erasure),
            total: numbers::counted(total, "row or message", "rows and messages"),
            receipts: erasure
                .receipts
                .iter()
                .map(|receipt| Receipt::new(receipt, now))
                .collect(),
        }
    }
}

impl Receipt {
    fn new(receipt: &ErasureReceipt, now: DateTime<Utc>) -> Self {
        let row = |(place, count): (&String, u64)| (place.clone(), numbers::count(count));
        Self {
            name: name(&receipt.service),
            service: receipt.service.clone(),
            when: When::read(receipt.erased_at.as_ref(), now),
            rows: receipt
                .erased
                .iter()
                .map(|one| row((&one.place, one.count)))
                .collect(),
            total: numbers::count(rows(receipt)),
        }
    }
}

/// The parts that have not answered yet, in words; empty where all have.
pub(crate) fn waited_for(erasure: &Erasure) -> String {
    let names: Vec<_> = erasure.waiting_for.iter().map(|one| name(one)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A part of Harken as people may know it.
fn name(service: &str) -> String {
    match service {
        "bus" => "the message bus".to_owned(),
        other => other.to_owned(),
    }
}

fn rows(receipt: &ErasureReceipt) -> u64 {
    receipt.erased.iter().map(|one| one.count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_waited_for_is_told_as_a_list() {
        for (waiting_for, words) in [
            (vec![], ""),
            (vec!["sync"], "sync"),
            (vec!["sync", "bus"], "sync and the message bus"),
            (
                vec!["sync", "scoring", "ingress"],
                "sync, scoring and ingress",
            ),
        ] {
            let erasure = Erasure {
                waiting_for: waiting_for.into_iter().map(str::to_owned).collect(),
                ..Erasure::default()
            };
            assert_eq!(waited_for(&erasure), words);
        }
    }
}
