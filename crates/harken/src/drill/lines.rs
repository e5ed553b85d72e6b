use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use super::ledger::{Fate, Kept, Ledger};
use super::notification::NotificationName;
use super::story::{Story, World};
use crate::failure::Failure;
use crate::output::Destination;

/// Writes the ledger, an object per notification, in the order in which they happened.
pub(super) fn write(file: &Path, ledger: &Ledger, world: World, drill: u64) -> Result<(), Failure> {
    let mut destination = Destination::open(Some(file))?;
    let mut out = destination.writer();
    for (number, entry) in (0..).zip(ledger.entries()) {
        let story = Story::of(world, entry.customer);
        let line = json!({
            "notification_id": NotificationName { drill, number }.id(),
            "topic": story.steps[usize::from(entry.step)].topic,
            "customer": entry.customer,
            "step": entry.step,
            "attempts": entry.attempts,
            "accepted": entry.is_accepted(),
            "kept": kept(entry.kept),
            "outcome": outcome(entry.fate),
        });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    drop(out);
    destination.keep()
}

const fn kept(kept: Kept) -> Option<&'static str> {
    match kept {
        Kept::Nowhere | Kept::Somewhere => None,
        Kept::Quarantine => Some("quarantine"),
        Kept::Spool => Some("spool"),
        Kept::Stream => Some("stream"),
    }
}

const fn outcome(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Unknown => None,
        Fate::Applied => Some("applied"),
        Fate::Superseded => Some("superseded"),
        Fate::Refetched => Some("refetched"),
        Fate::Ignored => Some("ignored"),
        Fate::Dead => Some("dead"),
    }
}
