//! The two ways in which Intercom signs, both over the raw bytes under the app's client secret.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;

/// A header that is no signature of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signature")]
pub struct InvalidSignature;

macro_rules! signature {
    ($(#[$doc:meta])* $signature:ident, $(#[$key_doc:meta])* $key:ident: $hash:ty, $bytes:literal, $prefix:literal) => {
        $(#[$key_doc])*
        #[derive(Clone)]
        pub struct $key(Hmac<$hash>);

        impl $key {
            /// Prepares a key; an empty one is none, for it would verify what anybody sends.
            pub fn new(secret: &[u8]) -> Option<Self> {
                if secret.is_empty() {
                    return None;
                }
                Hmac::new_from_slice(secret).ok().map(Self)
            }

            /// Signs `body`.
            pub fn sign(&self, body: &[u8]) -> $signature {
                $signature(self.0.clone().chain_update(body).finalize().into_bytes().into())
            }
        }

        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($key), "(***)"))
            }
        }

        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $signature([u8; $bytes]);

        impl $signature {
            /// Reads the header's value: exactly as Intercom writes it, or nothing.
            pub fn parse(header: &[u8]) -> Result<Self, InvalidSignature> {
                let digits = header.strip_prefix($prefix.as_bytes()).ok_or(InvalidSignature)?;
                lower_hex(digits).map(Self).ok_or(InvalidSignature)
            }

            /// Whether it is that of `body` under `key`, in the same time whatever differs.
            pub fn is_of(&self, key: &$key, body: &[u8]) -> bool {
                key.0.clone().chain_update(body).verify_slice(&self.0).is_ok()
            }

            /// Whether it is that of `body` under the key `secret`; never under an empty one.
            pub fn verifies(&self, secret: &[u8], body: &[u8]) -> bool {
                $key::new(secret).is_some_and(|key| self.is_of(&key, body))
            }
        }

        /// As the header has it.
        impl fmt::Display for $signature {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $signature {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($signature))
            }
        }
    };
}

signature! {
    /// `X-Hub-Signature` of a notification: `sha1=` and 40 lower-case hexadecimal digits of an HMAC-SHA1.
    HubSignature,
    /// What signs notifications, with the work that is the same for each done once.
    HubKey: Sha1, 20, "sha1="
}

signature! {
    /// `X-Body-Signature` of a Canvas Kit request: 64 lower-case hexadecimal digits of an HMAC-SHA256.
    BodySignature,
    /// What signs Canvas Kit requests, with the work that is the same for each done once.
    BodyKey: Sha256, 32, ""
}

fn lower_hex<const BYTES: usize>(digits: &[u8]) -> Option<[u8; BYTES]> {
    if digits.len() != 2 * BYTES {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(bytes)
}

const fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"test-client-secret-0123456789abcdef";
    const VECTORS: &[(&str, &str, &str)] = &[
        (
            r#"{"type":"notification_event","topic":"ping"}"#,
            "sha1=1c268423f384613e6ae73ee97d515ef298b3ecbb",
            "98a691a3dc54d5f1195ce9977d293a91d9d27a2b60e27c4117fcc66c6f16ee91",
        ),
        (
            r#"{"b":"café ☃","a":1}"#,
            "sha1=db36a5dbe604c53c2c7ef57e83ecc0b490292847",
            "840d0a8b85e88bf002ce97ecf7ed83d76a9bebe9233985df7de66619ee73870b",
        ),
        (
            "",
            "sha1=39209b5f17a4d735d79e64130be5b6e2b77125d3",
            "211163c2f74ef0e5012043572095689df63c91cbcfbb8eb550a4594b7c517b7e",
        ),
    ];

    #[test]
    fn a_right_signature_verifies_its_body_under_its_key_alone() {
        for (body, hub, whole) in VECTORS {
            let hub_read = HubSignature::parse(hub.as_bytes()).unwrap();
            let body_read = BodySignature::parse(whole.as_bytes()).unwrap();
            assert!(hub_read.verifies(SECRET, body.as_bytes()), "{body}");
            assert!(body_read.verifies(SECRET, body.as_bytes()), "{body}");
            assert!(!hub_read.verifies(b"another", body.as_bytes()));
            assert!(!body_read.verifies(b"another", body.as_bytes()));
            assert!(!hub_read.verifies(SECRET, b"another body"));
            assert_eq!(hub_read.to_string(), *hub);
            assert_eq!(body_read.to_string(), *whole);
        }
    }

    #[test]
    fn an_empty_key_verifies_nothing() {
        let under_nothing = Hmac::<Sha1>::new_from_slice(b"").unwrap();
        let forged = HubSignature(
            under_nothing
                .chain_update(b"body")
                .finalize()
                .into_bytes()
                .into(),
        );
        assert!(!forged.verifies(b"", b"body"));
        assert!(HubKey::new(b"").is_none() && BodyKey::new(b"").is_none());
    }

    #[test]
    fn only_what_intercom_writes_is_a_signature() {
        let (_, right, whole) = VECTORS[0];
        for wrong in [
            "",
            "sha1=",
            "sha1",
            &right[5..],
            &right[..44],
            &format!("{right}0"),
            &format!(" {right}"),
            &format!("{right} "),
            &right.to_uppercase(),
            &format!("sha1={}", right[5..].to_uppercase()),
            &right.replace("sha1=", "SHA1="),
            &right.replace("sha1=", "sha256="),
            &right.replace("sha1=", "sha1:"),
            &format!("{right}, {right}"),
            &format!("sha1={whole}"),
            "sha1=1c268423f384613e6ae73ee97d515ef298b3ecbg",
        ] {
            assert!(HubSignature::parse(wrong.as_bytes()).is_err(), "{wrong}");
            assert!(BodySignature::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(BodySignature::parse(right.as_bytes()).is_err());
        assert!(BodySignature::parse(whole.to_uppercase().as_bytes()).is_err());
    }

    #[test]
    fn neither_keys_nor_signatures_are_printed() {
        let key = HubKey::new(SECRET).unwrap();
        assert_eq!(format!("{key:?}"), "HubKey(***)");
        assert_eq!(format!("{:?}", key.sign(b"x")), "HubSignature");
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = HubSignature::parse(&header);
            let _ = BodySignature::parse(&header);
        }

        #[test]
        fn one_changed_byte_is_noticed(
            mut body in prop::collection::vec(any::<u8>(), 1..200),
            at in any::<prop::sample::Index>(),
            change in 1..=255_u8,
        ) {
            let signature = HubKey::new(SECRET).unwrap().sign(&body);
            prop_assert!(signature.verifies(SECRET, &body));
            let at = at.index(body.len());
            body[at] ^= change;
            prop_assert!(!signature.verifies(SECRET, &body));
        }
    }
}
