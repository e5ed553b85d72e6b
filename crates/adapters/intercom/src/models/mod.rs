//! What Intercom speaks about, read leniently: versions 2.14 to 2.16, REST and webhooks.
//!
//! Any JSON object becomes a value; what a field does not tell is none or empty. None of these types prints content or
//! personal data.

mod company;
mod contact;
mod conversation;
mod definition;
mod found;
mod named;
mod part;
mod statistics;

pub use crate::extra::Extra;
pub use company::Company;
pub use contact::{Contact, ContactRole, SubList};
pub(crate) use conversation::Parts;
pub use conversation::{Conversation, ConversationPriority, Participant};
pub use definition::{Attribute, AttributeModel, Segment};
pub use found::FoundConversation;
pub use named::{Admin, Tag, Team};
pub(crate) use part::kind_of;
pub use part::{Author, Part, Source};
pub use statistics::Statistics;

/// Most bytes that are kept of a record beside its model.
const MOST_BYTES: usize = 32 * 1024;
/// Most bytes that are kept of a part beside its model.
const MOST_PART_BYTES: usize = 8 * 1024;

/// Prints the id alone.
macro_rules! prints_its_id {
    ($($model:ident),+) => {$(
        impl std::fmt::Debug for $model {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($model), "({})"), self.id)
            }
        }
    )+};
}
use prints_its_id;
