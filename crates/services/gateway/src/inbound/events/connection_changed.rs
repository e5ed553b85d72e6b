use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionOpened};
use serde_json::{Value, json};

pub(super) fn opened(event: &ConnectionOpened) -> Value {
    json!({"connection_id": event.connection_id, "state": "connected"})
}

pub(super) fn closed(event: &ConnectionClosed) -> Value {
    json!({"connection_id": event.connection_id, "state": "disconnected", "reason": event.reason})
}
