//! Every id is its own type. This is the one list of them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid, Variant, Version};

use crate::Clock;

/// A text that is no id of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id like `{prefix}_…` with 32 hexadecimal digits is expected")]
pub struct InvalidId {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What its printed form begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id that sorts by the time it was made.
            pub fn generate(clock: &Clock) -> Self {
                Self(generate(clock))
            }

            /// Makes the one id that belongs to these parts: the same parts always give the same id.
            pub fn derive(parts: &[&[u8]]) -> Self {
                Self(derive($prefix, parts))
            }

            /// Takes the id as the store holds it.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as the store holds it.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A tenant.
    OrganizationId => "org",
    /// A person of an organization.
    MemberId => "mem",
    /// A signed-in browser.
    SessionId => "ses",
    /// An API key.
    ApiKeyId => "key",
    /// One organization's link to one Intercom workspace.
    ConnectionId => "con",
    /// One execution of sync.
    RunId => "run",
    /// A contact of Intercom that is, or may become, a customer.
    CustomerId => "cus",
    /// A conversation of Intercom.
    ConversationId => "cnv",
}

/// Time in front, chance behind (RFC 9562, version 7).
fn generate(clock: &Clock) -> Uuid {
    let millis = u64::try_from(clock.now().timestamp_millis()).unwrap_or_default();
    let chance = Uuid::new_v4().into_bytes();
    let mut tail = [0_u8; 10];
    tail.copy_from_slice(&chance[6..]);
    tail[0] = chance[0];
    tail[2] = chance[1];
    Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

/// SHA-256 over the length-prefixed parts, cut to a custom id (RFC 9562, version 8).
fn derive(prefix: &str, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in std::iter::once(&prefix.as_bytes()).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_bytes(bytes)
        .with_variant(Variant::RFC4122)
        .with_version(Version::Custom)
        .into_uuid()
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|hex| hex.len() == 32)
        .and_then(|hex| Uuid::try_parse(hex).ok())
        .ok_or(InvalidId { prefix })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_reads_back_from_its_printed_form(bytes: [u8; 16]) {
            let id = ConnectionId::from_uuid(Uuid::from_bytes(bytes));
            prop_assert_eq!(id.to_string().parse::<ConnectionId>(), Ok(id));
        }

        #[test]
        fn any_text_parses_or_is_refused_without_panic(text: String) {
            let _ = text.parse::<RunId>();
        }

        #[test]
        fn derived_ids_differ_when_a_boundary_moves(left in "[a-z]{1,8}", right in "[a-z]{1,8}") {
            let joined = format!("{left}{right}");
            prop_assert_ne!(
                CustomerId::derive(&[left.as_bytes(), right.as_bytes()]),
                CustomerId::derive(&[joined.as_bytes()])
            );
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let run = RunId::derive(&[b"x"]).to_string();
        assert!(run.parse::<ConnectionId>().is_err());
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let clock = Clock::frozen(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let early = RunId::generate(&clock);
        clock.advance(chrono::TimeDelta::milliseconds(1));
        assert!(RunId::generate(&clock) > early);
    }

    #[test]
    fn ids_made_in_the_same_moment_differ() {
        let clock = Clock::frozen(chrono::DateTime::UNIX_EPOCH);
        let ids: std::collections::HashSet<_> =
            (0..1000).map(|_| RunId::generate(&clock)).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn an_id_is_json_text() {
        let id = RunId::derive(&[b"x"]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<RunId>(&json).unwrap(), id);
    }
}
