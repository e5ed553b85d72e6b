use std::fmt::Write as _;

use harken_contracts::convert::datetime;
use harken_contracts::wire::dead::v1::DeadLetterSelection;

use super::Disposal;
use crate::outbound::{Acting, Answer, Asking};

/// Ids that are written out.
const NAMED: usize = 20;

/// What the audit log will say.
pub(super) struct Deed {
    action: &'static str,
    /// The connection, where there is only one.
    connection: String,
    selection: String,
}

impl Deed {
    pub(super) fn new(disposal: Disposal, selection: &DeadLetterSelection) -> Self {
        Self {
            action: disposal.action(),
            connection: selection.connection_id.clone(),
            selection: in_words(selection),
        }
    }

    pub(super) async fn record(&self, asking: &Asking, acting: Acting, count: u64) -> Answer<()> {
        let subject = if self.connection.is_empty() {
            acting.organization.to_string()
        } else {
            self.connection.clone()
        };
        let detail = format!("{count} dead letters{}", self.selection);
        asking.record_audit(self.action, subject, detail).await
    }
}

fn in_words(selection: &DeadLetterSelection) -> String {
    let mut words = String::new();
    let at = |moment: Option<&prost_types::Timestamp>| {
        let moment = datetime(moment?).ok()?;
        Some(moment.to_rfc3339())
    };
    let ids: Vec<_> = selection
        .dead_letter_ids
        .iter()
        .map(u64::to_string)
        .collect();
    let named = ids[..ids.len().min(NAMED)].join(", ");
    for (what, value) in [
        ("id", Some(named)),
        ("service", Some(selection.service.clone())),
        ("reason", Some(selection.reason.clone())),
        ("since", at(selection.died_since.as_ref())),
        ("before", at(selection.died_before.as_ref())),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(words, "; {what} {value}");
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_says_what_was_selected() {
        let selection = DeadLetterSelection {
            dead_letter_ids: (1..=30).collect(),
            reason: "panic".to_owned(),
            ..DeadLetterSelection::default()
        };
        let words = in_words(&selection);
        assert!(words.starts_with("; id 1, 2, 3") && words.ends_with("; reason panic"));
        assert!(words.len() < 200);
        assert_eq!(in_words(&DeadLetterSelection::default()), "");
    }
}
