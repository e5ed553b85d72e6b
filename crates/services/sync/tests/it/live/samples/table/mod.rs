//! What each sample does. Ids are shortened ([`super::mirror`]); lines begin with `-` where they go, with `+` where they come.

mod contacts;
mod conversations;
mod others;

use harken_contracts::wire::{
    events::v1::RecordCause as Cause, sync::v1::NotificationOutcome as Outcome,
};

use super::Effect;

/// The effect of a sample, the same in each of its forms.
pub(super) struct Row {
    /// The name of its file, without form and ending.
    sample: &'static str,
    forms: Forms,
    /// What was told before.
    given: &'static [&'static str],
    outcome: Outcome,
    causes: &'static [Cause],
    lines: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Forms {
    /// From 2.15 on, or the only one there is.
    New,
    /// Up to 2.14.
    Old,
    Both,
}

/// Every row.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [contacts::ROWS, conversations::ROWS, others::ROWS]
        .into_iter()
        .flatten()
}

impl Row {
    /// The files of its samples.
    pub(super) fn files(&self) -> Vec<String> {
        let (new, old) = (
            format!("{}.json", self.sample),
            format!("{}.v2_14.json", self.sample),
        );
        match self.forms {
            Forms::New => vec![new],
            Forms::Old => vec![old],
            Forms::Both => vec![new, old],
        }
    }

    /// The files of what was told before.
    pub(super) fn given(&self) -> impl Iterator<Item = String> {
        self.given.iter().map(|sample| format!("{sample}.json"))
    }

    pub(super) fn effect(&self) -> Effect {
        Effect {
            outcome: i16::try_from(i32::from(self.outcome)).unwrap(),
            causes: self.causes.to_vec(),
            lines: self.lines.iter().map(ToString::to_string).collect(),
        }
    }
}
