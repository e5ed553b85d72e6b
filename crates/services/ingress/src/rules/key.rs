use std::sync::Arc;

use chrono::{DateTime, Utc};
use harken_intercom::webhook::{BodyKey, BodySignature, HubKey, HubSignature};

use super::route::Route;

/// A key that verifies notifications.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    hub: HubKey,
    body: BodyKey,
    /// Whether it is being replaced by another.
    pub(crate) is_previous: bool,
    /// When it stops being valid.
    valid_until: Option<DateTime<Utc>>,
}

/// What verifies notifications that come to one address. Without a key, nothing does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    pub(crate) keys: Vec<Key>,
    /// Where they go, unless they name their workspace themselves.
    pub(crate) route: Option<Arc<Route>>,
}

/// What a request says of its signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed {
    hub: HubSignature,
    /// That of Canvas Kit, which a notification need not carry, but may not carry wrong.
    body: Option<BodySignature>,
}

impl Key {
    /// Prepares a key; an empty one is none.
    pub(crate) fn new(
        secret: &[u8],
        is_previous: bool,
        valid_until: Option<DateTime<Utc>>,
    ) -> Option<Self> {
        Some(Self {
            hub: HubKey::new(secret)?,
            body: BodyKey::new(secret)?,
            is_previous,
            valid_until,
        })
    }

    fn made(&self, signed: Signed, body: &[u8]) -> bool {
        signed.hub.is_of(&self.hub, body)
            && signed
                .body
                .is_none_or(|whole| whole.is_of(&self.body, body))
    }
}

impl Keys {
    /// The key that made the signature, if a valid one did.
    pub(crate) fn verify(&self, signed: Signed, body: &[u8], now: DateTime<Utc>) -> Option<&Key> {
        self.keys
            .iter()
            .filter(|key| key.valid_until.is_none_or(|until| now < until))
            .find(|key| key.made(signed, body))
    }
}

impl Signed {
    /// Reads the values of `X-Hub-Signature`, of which there is one, and of `X-Body-Signature`, of which there is at most one.
    pub(crate) fn read<'h>(
        mut hub: impl Iterator<Item = &'h [u8]>,
        mut body: impl Iterator<Item = &'h [u8]>,
    ) -> Option<Self> {
        let hub_alone = hub.next().filter(|_| hub.next().is_none())?;
        let body = match body.next() {
            None => None,
            Some(_) if body.next().is_some() => return None,
            Some(header) => Some(BodySignature::parse(header).ok()?),
        };
        let hub = HubSignature::parse(hub_alone).ok()?;
        Some(Self { hub, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(hub: &[String], body: &[String]) -> Option<Signed> {
        Signed::read(
            hub.iter().map(String::as_bytes),
            body.iter().map(String::as_bytes),
        )
    }

    #[test]
    fn headers_are_one_signature_that_agrees_with_itself() {
        let keys = Keys {
            keys: vec![Key::new(b"secret", false, None).unwrap()],
            route: None,
        };
        let hub = HubKey::new(b"secret").unwrap().sign(b"x").to_string();
        let body = BodyKey::new(b"secret").unwrap().sign(b"x").to_string();
        let other = BodyKey::new(b"secret").unwrap().sign(b"y").to_string();
        let table: &[(&[&String], &[&String], bool)] = &[
            (&[&hub], &[], true),
            (&[&hub], &[&body], true),
            (&[&hub], &[&other], false),
            (&[&hub], &[&hub], false),
            (&[&hub], &[&body, &body], false),
            (&[&hub, &hub], &[], false),
            (&[], &[&body], false),
            (&[&body], &[], false),
            (&[], &[], false),
        ];
        for (hubs, bodies, right) in table {
            let owned = |texts: &[&String]| -> Vec<String> {
                texts.iter().map(|text| (*text).clone()).collect()
            };
            let read = signed(&owned(hubs), &owned(bodies));
            let verified = read.and_then(|signed| keys.verify(signed, b"x", DateTime::UNIX_EPOCH));
            assert_eq!(verified.is_some(), *right, "{hubs:?} {bodies:?}");
        }
    }

    #[test]
    fn a_key_verifies_until_it_ends_and_an_empty_set_never() {
        let end = DateTime::from_timestamp(1000, 0).unwrap();
        let keys = Keys {
            keys: vec![Key::new(b"old", true, Some(end)).unwrap()],
            route: None,
        };
        let hub = HubKey::new(b"old").unwrap().sign(b"x").to_string();
        let signed = signed(&[hub], &[]).unwrap();
        let before = DateTime::from_timestamp(999, 0).unwrap();
        assert!(keys.verify(signed, b"x", before).unwrap().is_previous);
        assert!(keys.verify(signed, b"x", end).is_none());
        assert!(Keys::default().verify(signed, b"x", before).is_none());
        assert!(Key::new(b"", false, None).is_none());
    }
}
