//! Sealing: XChaCha20-Poly1305, bound to what the secret is for.
//!
//! A frame is `nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes)`. The associated data names organization, connection, field,
//! schema and key, each length-prefixed, so that a frame opens in its own place alone.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use harken_domain::{ConnectionId, OrganizationId};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Layout of frames and associated data. Grows when either changes.
pub(crate) const SCHEMA: i16 = 1;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// A 256-bit key; wiped when dropped. Has no printed form.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; KEY_BYTES]>);

/// What a frame is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub organization: OrganizationId,
    pub connection: ConnectionId,
    /// What the sealed thing is, such as `access_token`.
    pub field: &'a str,
    pub schema: i16,
    /// Id of the key that seals it.
    pub key_id: &'a str,
}

/// What is sealed for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    AccessToken,
    WebhookSecret,
    /// The one that is being replaced.
    PreviousWebhookSecret,
}

/// A secret sealed under a connection's data key, as stored.
#[derive(Clone)]
pub(crate) struct Frame {
    pub schema: i16,
    pub bytes: Vec<u8>,
}

/// A connection's data key, wrapped by the key-encryption key of that id, as stored.
#[derive(Clone)]
pub(crate) struct WrappedKey {
    pub id: Uuid,
    pub key_encryption_key_id: String,
    pub bytes: Vec<u8>,
}

/// A sealed token with the key that it is sealed under.
#[derive(Clone, Debug)]
pub(crate) struct SealedToken {
    pub key: WrappedKey,
    pub frame: Frame,
}

/// A frame that does not open: of another place, of another key, or damaged. Which of these is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret does not open: it was changed, moved, or sealed under another key")]
pub(crate) struct DoesNotOpen;

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frame(***)")
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedKey(***)")
    }
}

impl Field {
    /// Its name in the store, and in what its frame is bound to.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::WebhookSecret => "webhook_secret",
            Self::PreviousWebhookSecret => "webhook_secret_previous",
        }
    }
}

impl Key {
    pub(crate) fn generate() -> Self {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(&mut key[..]);
        Self(key)
    }

    /// Takes the key's bytes; none if there are not exactly 32.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|key| Self(Zeroizing::new(key)))
    }

    /// The key's bytes, for wrapping them under another key.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0[..]
    }

    /// A key that follows from this one and a label, and does not lead back.
    pub(crate) fn derive(&self, label: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.expose()).expect("HMAC takes keys of any length");
        mac.update(label);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// Seals `secret` for `place`.
    pub(crate) fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        let nonce = XNonce::generate();
        let payload = Payload {
            msg: secret,
            aad: &place.associated_data(),
        };
        let sealed = self
            .cipher()
            .encrypt(&nonce, payload)
            .map_err(|_| DoesNotOpen)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens a frame that was sealed for `place`.
    pub(crate) fn open(
        &self,
        place: &Place<'_>,
        frame: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DoesNotOpen> {
        let (nonce, sealed) = frame.split_at_checked(NONCE_BYTES).ok_or(DoesNotOpen)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| DoesNotOpen)?;
        let payload = Payload {
            msg: sealed,
            aad: &place.associated_data(),
        };
        let opened = self
            .cipher()
            .decrypt(&nonce, payload)
            .map_err(|_| DoesNotOpen)?;
        Ok(Zeroizing::new(opened))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.0).into())
    }
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let (organization, connection) = (self.organization.as_uuid(), self.connection.as_uuid());
        let parts: [&[u8]; 5] = [
            organization.as_bytes(),
            connection.as_bytes(),
            self.field.as_bytes(),
            &self.schema.to_be_bytes(),
            self.key_id.as_bytes(),
        ];
        let mut data = Vec::with_capacity(128);
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(seed: u8) -> Place<'static> {
        Place {
            organization: OrganizationId::derive(&[b"o"]),
            connection: ConnectionId::derive(&[&[seed]]),
            field: "access_token",
            schema: SCHEMA,
            key_id: "k1",
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_in_its_place(secret: Vec<u8>) {
            let key = Key::generate();
            let frame = key.seal(&place(1), &secret).unwrap();
            prop_assert_eq!(&**key.open(&place(1), &frame).unwrap(), &secret);
        }

        #[test]
        fn a_frame_moved_to_another_place_does_not_open(secret: Vec<u8>, which in 0..5_usize) {
            let key = Key::generate();
            let home = place(1);
            let frame = key.seal(&home, &secret).unwrap();
            let elsewhere = match which {
                0 => Place { organization: OrganizationId::derive(&[b"p"]), ..home },
                1 => Place { connection: place(2).connection, ..home },
                2 => Place { field: "webhook_secret", ..home },
                3 => Place { schema: SCHEMA + 1, ..home },
                _ => Place { key_id: "k2", ..home },
            };
            prop_assert!(key.open(&elsewhere, &frame).is_err());
        }

        #[test]
        fn a_flipped_bit_anywhere_is_noticed(secret: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
            let key = Key::generate();
            let mut frame = key.seal(&place(1), &secret).unwrap();
            let at = at.index(frame.len());
            frame[at] ^= 1 << bit;
            prop_assert!(key.open(&place(1), &frame).is_err());
        }

        #[test]
        fn a_truncated_frame_does_not_open(secret: Vec<u8>, at: prop::sample::Index) {
            let key = Key::generate();
            let frame = key.seal(&place(1), &secret).unwrap();
            prop_assert!(key.open(&place(1), &frame[..at.index(frame.len())]).is_err());
        }

        #[test]
        fn a_nonce_of_another_frame_does_not_open(secret: Vec<u8>) {
            let key = Key::generate();
            let one = key.seal(&place(1), &secret).unwrap();
            let other = key.seal(&place(1), &secret).unwrap();
            let swapped = [&other[..NONCE_BYTES], &one[NONCE_BYTES..]].concat();
            prop_assert!(key.open(&place(1), &swapped).is_err());
        }

        #[test]
        fn any_bytes_are_refused_without_panic(frame: Vec<u8>) {
            prop_assert!(Key::generate().open(&place(1), &frame).is_err());
        }

        #[test]
        fn associated_data_differs_when_a_boundary_moves(left in "[a-z]{1,6}", right in "[a-z]{1,6}") {
            let joined = format!("{left}{right}");
            let (one, other) = (
                Place { field: &left, key_id: &right, ..place(1) },
                Place { field: &joined, key_id: "", ..place(1) },
            );
            prop_assert_ne!(one.associated_data(), other.associated_data());
        }
    }

    #[test]
    fn another_key_does_not_open() {
        let frame = Key::generate().seal(&place(1), b"s").unwrap();
        assert!(Key::generate().open(&place(1), &frame).is_err());
    }

    #[test]
    fn a_key_has_exactly_32_bytes() {
        assert!(Key::from_bytes(&[0; 31]).is_none());
        assert!(Key::from_bytes(&[0; 33]).is_none());
        assert!(Key::from_bytes(&[0; 32]).is_some());
    }
}
