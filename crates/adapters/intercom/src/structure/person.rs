use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserializer, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::lenient;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes of a pseudonym: enough that no two people of a workspace share one.
pub(super) const BYTES: usize = 16;
const PREFIX: &str = "ps_";

/// Intercom's id of a person, as Intercom gave it. Nothing writes it down.
pub(crate) struct RawId(String);

/// What a person is called where its id was not invited: `ps_` and 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Pseudonym(String);

/// A name of a person that can be read from JSON.
pub(crate) trait PersonId: Sized {
    /// The person that a text names; none if nobody.
    fn of(text: String) -> Option<Self>;
}

impl PersonId for String {
    fn of(text: String) -> Option<Self> {
        Some(text).filter(|text| !text.is_empty())
    }
}

impl PersonId for RawId {
    fn of(text: String) -> Option<Self> {
        // `0` is nobody, for assignees.
        Some(Self(text)).filter(|id| !id.0.is_empty() && id.0 != "0")
    }
}

impl PersonId for Pseudonym {
    /// Anything that is no pseudonym is nobody: a raw id does not pass for one.
    fn of(text: String) -> Option<Self> {
        bytes_of(&text).map(|_| Self(text))
    }
}

impl RawId {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RawId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<Pseudonym> for String {
    fn from(pseudonym: Pseudonym) -> Self {
        pseudonym.0
    }
}

/// The bytes that a pseudonym spells; none if it is none.
pub(super) fn bytes_of(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.strip_prefix(PREFIX)?.as_bytes();
    if digits.len() != 2 * BYTES {
        return None;
    }
    let digit = |at: usize| match digits[at] {
        digit @ b'0'..=b'9' => Some(digit - b'0'),
        digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; BYTES];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = digit(2 * at)? << 4 | digit(2 * at + 1)?;
    }
    Some(bytes)
}

/// Reads who a field names.
pub(crate) fn person<'de, D, P>(from: D) -> Result<Option<P>, D::Error>
where
    D: Deserializer<'de>,
    P: PersonId,
{
    lenient::id(from).map(P::of)
}

/// Reads whom a list of ids names.
pub(super) fn people<'de, D, P>(from: D) -> Result<Vec<P>, D::Error>
where
    D: Deserializer<'de>,
    P: PersonId,
{
    Ok(lenient::ids(from)?.into_iter().filter_map(P::of).collect())
}

/// The key of a connection's pseudonyms. The same person has the same pseudonym for as long as the key is the same, and
/// nobody can tell who it is without it. Not printed, and wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PseudonymKey(Zeroizing<[u8; KEY_BYTES]>);

/// These bytes are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key of pseudonyms has {KEY_BYTES} bytes")]
pub struct InvalidKey;

impl TryFrom<&[u8]> for PseudonymKey {
    type Error = InvalidKey;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidKey> {
        let bytes = bytes.try_into().map_err(|_| InvalidKey)?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(***)")
    }
}

impl PseudonymKey {
    pub(crate) fn pseudonym(&self, id: &RawId) -> Pseudonym {
        use fmt::Write as _;
        let mut spelled = String::with_capacity(PREFIX.len() + 2 * BYTES);
        spelled.push_str(PREFIX);
        for byte in &self.mac(&[b"person", id.0.as_bytes()])[..BYTES] {
            let _ = write!(spelled, "{byte:02x}");
        }
        Pseudonym(spelled)
    }

    /// An HMAC over parts, each with its length.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0[..]).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}
