use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use harken_intercom::models::Extra;

use super::fingerprint;

/// What Intercom says of a record beside its model, as far as it was read. What was read last stays, whatever the order in
/// which readings come; notifications say nothing of it. Content is not printed.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    key: Option<Key>,
    /// None: nothing is said, or it is the store's, which holds it already.
    json: Option<String>,
}

/// How new it is: when the record had changed, then length and fingerprint, so that two of one moment have an order, too. As
/// bytes, the greater one is the newer one.
type Key = [u8; 28];

/// Greater than every other: what was erased stays so.
const ERASED: Key = [u8::MAX; 28];

impl Kept {
    /// What was read of a record that had changed then.
    pub(crate) fn read(extra: Extra, updated_at: Option<DateTime<Utc>>) -> Self {
        let json = extra.into_json();
        let mut key = [0; 28];
        let secs = updated_at.map_or(0, |at| at.timestamp().max(0));
        key[..8].copy_from_slice(&secs.to_be_bytes());
        if let Some(json) = &json {
            let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
            key[8..12].copy_from_slice(&length.to_be_bytes());
            key[12..].copy_from_slice(&fingerprint(json));
        }
        Self {
            key: Some(key),
            json,
        }
    }

    /// Nothing of it may stay.
    pub(crate) const fn erased() -> Self {
        Self {
            key: Some(ERASED),
            json: None,
        }
    }

    /// What the store holds, by its key.
    pub(crate) fn stored(key: Option<&[u8]>) -> Self {
        Self {
            key: key.and_then(|key| key.try_into().ok()),
            json: None,
        }
    }

    /// Keeps the newer of the two; whether that is the other.
    pub(crate) fn join(&mut self, other: Self) -> bool {
        let is_newer = other.key > self.key;
        if is_newer {
            *self = other;
        }
        is_newer
    }

    /// The key as it is stored.
    pub(crate) fn key(&self) -> Option<&[u8]> {
        self.key.as_ref().map(<[u8; 28]>::as_slice)
    }

    /// The object as JSON, unless the store holds it already.
    pub(crate) fn json(&self) -> Option<&str> {
        self.json.as_deref()
    }

    /// Bytes that it takes in memory, about.
    pub(crate) fn size_bytes(&self) -> usize {
        self.json.as_ref().map_or(0, String::len)
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Kept {}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({} bytes)", self.size_bytes())
    }
}

#[cfg(test)]
mod tests {
    use harken_intercom::models::Contact;
    use serde_json::json;

    use super::*;

    fn read(secs: i64, extra: &serde_json::Value) -> Kept {
        let contact: Contact = serde_json::from_str(&extra.to_string()).unwrap();
        Kept::read(contact.extra, DateTime::from_timestamp(secs, 0))
    }

    #[test]
    fn the_newest_reading_stays_in_every_order() {
        let nothing = Kept::default();
        let old = read(10, &json!({"new_field": 1}));
        let newer = read(20, &json!({"new_field": 2}));
        let richer = read(20, &json!({"new_field": 2, "newer_field": 3}));
        let gone = Kept::erased();
        let ascending = [nothing, old, newer, richer, gone];
        for (n, a) in ascending.iter().enumerate() {
            for (m, b) in ascending.iter().enumerate() {
                let mut joined = a.clone();
                assert_eq!(joined.join(b.clone()), m > n);
                assert_eq!(joined, ascending[n.max(m)]);
            }
        }
    }

    #[test]
    fn what_the_store_holds_is_known_by_its_key() {
        let read = read(10, &json!({"new_field": 1}));
        let stored = Kept::stored(read.key());
        assert_eq!(stored, read);
        assert_eq!(
            (stored.json(), read.json()),
            (None, Some("{\"new_field\":1}"))
        );
        assert_eq!(Kept::stored(None), Kept::default());
    }
}
