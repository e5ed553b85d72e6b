//! What of a workspace may be kept where content was not invited.
//!
//! The same objects as in [`models`](crate::models), with no field for text, names, addresses, attachments, attributes or
//! money: what Intercom says of these is skipped while its JSON is read, and is never a value of ours. An id of a person is a
//! [`RawId`] until the connection's key has made a [`Pseudonym`] of it; only then is there a way on, into a model or back
//! into JSON.

mod company;
mod contact;
mod conversation;
mod part;
mod person;
mod statistics;
mod team;
mod veil;

pub(crate) use company::Company;
pub(crate) use contact::Contact;
pub(crate) use conversation::Conversation;
use part::{Part, Source};
pub use person::{InvalidKey, PseudonymKey};
pub(crate) use person::{PersonId, Pseudonym, RawId, person};
use statistics::Statistics;
pub use veil::Veil;

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::models::{Attribute, Segment, Tag};

/// A model that can be read without what was not invited.
pub(crate) trait Veiled: DeserializeOwned {
    /// What of it is read.
    type Structure: DeserializeOwned;

    /// The model, with nothing where content would be, and people by their pseudonyms.
    fn veiled(structure: Self::Structure, veil: &Veil) -> Self;
}

impl Veiled for Tag {
    /// Tags were invited, names and all.
    type Structure = Self;

    fn veiled(structure: Self, _: &Veil) -> Self {
        structure
    }
}

/// What a workspace defines for itself was not invited.
macro_rules! not_invited {
    ($($model:ty),+) => {$(
        impl Veiled for $model {
            type Structure = IgnoredAny;

            fn veiled(_: IgnoredAny, _: &Veil) -> Self {
                Self::default()
            }
        }
    )+};
}
not_invited!(Attribute, Segment);

#[cfg(test)]
mod tests;
