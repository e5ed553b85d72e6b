use chrono::{DateTime, Utc};
use harken_contracts::subjects;
use harken_domain::ConnectionId;

use super::letter::DeadLetter;
use crate::names::Prefix;

/// Which dead letters; everything given has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterSelection {
    /// Those of these connections; with none, nothing is selected.
    pub connections: Vec<ConnectionId>,
    /// Only those of this service.
    pub service: Option<String>,
    /// Only those of this reason.
    pub reason: Option<String>,
    /// Only those that died at or after this.
    pub since: Option<DateTime<Utc>>,
    /// Only those that died before this.
    pub before: Option<DateTime<Utc>>,
}

impl DeadLetterSelection {
    /// Whether a letter is selected.
    pub fn fits(&self, letter: &DeadLetter) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        self.connections.contains(&letter.connection)
            && is(&self.service, &letter.service)
            && is(&self.reason, &letter.reason)
            && self.since.is_none_or(|since| letter.died_at >= since)
            && self.before.is_none_or(|before| letter.died_at < before)
    }

    /// The subjects of what is selected, one per connection; none where a word could never stand in one.
    pub(super) fn subjects(&self, prefix: &Prefix) -> Vec<String> {
        let (Some(service), Some(reason)) =
            (token(self.service.as_ref()), token(self.reason.as_ref()))
        else {
            return Vec::new();
        };
        let all = subjects::all_dead();
        let all = all.as_str().trim_end_matches('>');
        let of = |connection| prefix.subject(&format!("{all}{service}.{reason}.{connection}"));
        self.connections.iter().map(of).collect()
    }
}

/// A token of a subject, `*` for any; none for words that would mean something else in a subject.
fn token(word: Option<&String>) -> Option<&str> {
    let Some(word) = word else { return Some("*") };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!word.is_empty() && word.bytes().all(is_plain)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_something_else_in_a_subject_select_nothing() {
        let connection = ConnectionId::derive(&[b"x"]);
        let selecting = |reason: Option<&str>| {
            let selection = DeadLetterSelection {
                connections: vec![connection],
                reason: reason.map(str::to_owned),
                ..DeadLetterSelection::default()
            };
            selection.subjects(&Prefix::default())
        };
        assert_eq!(
            selecting(None),
            [format!("harken.dead.v1.*.*.{connection}")]
        );
        assert_eq!(
            selecting(Some("panic")),
            [format!("harken.dead.v1.*.panic.{connection}")]
        );
        for word in ["", ">", "*", "a.b", "ü", "a b"] {
            assert_eq!(selecting(Some(word)), [""; 0], "{word}");
        }
    }

    #[test]
    fn nothing_is_selected_without_a_connection() {
        assert!(
            DeadLetterSelection::default()
                .subjects(&Prefix::default())
                .is_empty()
        );
    }
}
