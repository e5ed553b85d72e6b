use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::events::v1::{ScoreChange, ScoreChanged};
use serde_json::json;

use super::at;
use crate::app::{Movement, Told};
use crate::words;

/// One event per customer.
pub(super) fn told(event: &ScoreChanged) -> Vec<Told> {
    let changes = event.changes.iter().map(|change| {
        let data = json!({
            "connection_id": event.connection_id,
            "customer_id": change.customer_id,
            "points": change.points,
            "level": words::level(change.level()),
            "previous_points": change.previous_points,
            "previous_level": words::level(change.previous_level()),
            "reason": change.reason,
            "revision": change.revision,
            "evaluated_at": at(change.evaluated_at.as_ref()),
        });
        Told {
            name: "score.changed",
            data: data.to_string(),
        }
    });
    changes.collect()
}

/// Customer, moment and movement.
pub(super) fn movements(
    event: &ScoreChanged,
) -> impl Iterator<Item = (&str, DateTime<Utc>, Movement)> {
    event.changes.iter().filter_map(|change| {
        let at = datetime(change.evaluated_at.as_ref()?).ok()?;
        Some((change.customer_id.as_str(), at, movement(change)))
    })
}

fn movement(change: &ScoreChange) -> Movement {
    Movement {
        from: change.previous_points,
        to: change.points,
        level: change.level(),
        reason: change.reason.clone(),
    }
}
