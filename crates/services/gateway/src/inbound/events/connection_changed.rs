use harken_contracts::wire::events::v1::{ConnectionClosed, ConnectionErased, ConnectionOpened};
use harken_contracts::wire::types::v1::OnDisconnect;
use serde_json::{Value, json};

use crate::rules::connection_status::ConnectionStatus;

pub(super) fn opened(event: &ConnectionOpened) -> Value {
    let state = ConnectionStatus::Connected.slug();
    json!({"connection_id": event.connection_id, "state": state})
}

pub(super) fn closed(event: &ConnectionClosed) -> Value {
    let state = if event.on_disconnect() == OnDisconnect::Purge {
        ConnectionStatus::Disconnecting
    } else {
        ConnectionStatus::Disconnected
    };
    json!({"connection_id": event.connection_id, "state": state.slug(), "reason": event.reason})
}

/// One service is done; when all are, the vault alone knows.
pub(super) fn erased(event: &ConnectionErased) -> Value {
    let state = ConnectionStatus::Disconnecting.slug();
    json!({"connection_id": event.connection_id, "state": state, "erased_by": event.service})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_kept_is_merely_disconnected() {
        for (end, state) in [
            (OnDisconnect::Retain, "disconnected"),
            (OnDisconnect::Purge, "disconnecting"),
        ] {
            let event = ConnectionClosed {
                on_disconnect: end.into(),
                ..ConnectionClosed::default()
            };
            assert_eq!(closed(&event)["state"], state);
        }
    }
}
