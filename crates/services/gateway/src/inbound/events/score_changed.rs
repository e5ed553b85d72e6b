use harken_contracts::wire::events::v1::ScoreChanged;
use serde_json::{Value, json};

use crate::words;

pub(super) fn changed(event: &ScoreChanged) -> Value {
    let changes = event.changes.iter().map(|change| {
        json!({
            "customer_id": change.customer_id,
            "points": change.points,
            "level": words::level(change.level()),
            "previous_points": change.previous_points,
            "previous_level": words::level(change.previous_level()),
            "reason": change.reason,
            "revision": change.revision,
        })
    });
    json!({"connection_id": event.connection_id, "changes": changes.collect::<Vec<_>>()})
}
