use std::fmt::Write as _;

use harken_intercom::webhook::Notification;
use sha2::{Digest as _, Sha256};

/// The id under which a notification is stored once: the same at each of Intercom's attempts. Without an id of
/// Intercom's, the hash of what does not change between attempts; the body as a whole does.
pub(crate) fn message_id(notification: &Notification<'_>) -> String {
    let workspace = &notification.app_id;
    if let Some(id) = &notification.id {
        return format!("{workspace}:{id}");
    }
    let happened_at = notification.created_at.map_or(0, |at| at.timestamp());
    let item = notification.raw_item().map_or("", |item| item.get());
    let mut hash = Sha256::new();
    for part in [
        workspace.as_bytes(),
        notification.topic_as_sent.as_bytes(),
        &happened_at.to_be_bytes(),
        item.as_bytes(),
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut id = format!("{workspace}:~");
    for byte in &hash.finalize()[..16] {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(envelope: &str) -> String {
        message_id(&Notification::read(envelope.as_bytes()).unwrap())
    }

    #[test]
    fn the_id_is_the_same_at_each_attempt() {
        let first = r#"{"app_id":"w","topic":"x","id":"notif_1","delivery_attempts":1}"#;
        let again = r#"{"app_id":"w","topic":"x","id":"notif_1","delivery_attempts":2}"#;
        assert_eq!(id_of(first), "w:notif_1");
        assert_eq!(id_of(again), id_of(first));
        assert_ne!(id_of(&first.replace(":\"w\"", ":\"v\"")), id_of(first));
    }

    #[test]
    fn without_an_id_what_does_not_change_stands_for_it() {
        let first = r#"{"app_id":"w","topic":"x","id":null,"created_at":7,"delivery_attempts":1,"data":{"item":{"a":1}}}"#;
        let id = id_of(first);
        assert!(id.starts_with("w:~") && id.len() == 35, "{id}");
        assert_eq!(id_of(&first.replace("attempts\":1", "attempts\":2")), id);
        for (from, to) in [("\"x\"", "\"y\""), (":7", ":8"), ("{\"a\":1}", "{\"a\":2}")] {
            assert_ne!(id_of(&first.replace(from, to)), id, "{to}");
        }
    }
}
