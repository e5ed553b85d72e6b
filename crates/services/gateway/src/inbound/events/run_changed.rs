use harken_contracts::wire::events::v1::{KindProgress, RunEnded, RunProgressed};
use serde_json::{Value, json};

pub(super) fn progressed(event: &RunProgressed) -> Value {
    json!({
        "connection_id": event.connection_id,
        "run_id": event.run_id,
        "state": "running",
        "kinds": kinds(&event.kinds),
        "rows_per_second": event.rows_per_second,
        "eta_secs": event.eta_secs,
    })
}

pub(super) fn ended(event: &RunEnded) -> Value {
    json!({
        "connection_id": event.connection_id,
        "run_id": event.run_id,
        "state": event.verdict,
        "reason": event.reason,
        "kinds": kinds(&event.kinds),
    })
}

fn kinds(kinds: &[KindProgress]) -> Vec<Value> {
    let told = kinds.iter().map(|one| {
        json!({"kind": one.kind, "done": one.done, "total": one.total, "skipped": one.skipped})
    });
    told.collect()
}
