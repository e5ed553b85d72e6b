//! The mirror as a fold: whatever is seen of a record, in whatever order and however often, ends in the same state.
//!
//! What was seen joins what is held. A join keeps the newest head and, part by part, the newest part; redaction stays.

mod conversation;
mod last_read;
#[cfg(test)]
mod tests;
mod version;
mod whole;

pub(crate) use conversation::{ConversationSight, Fetched, Head, Joined, Title};
pub(crate) use last_read::LastRead;
pub(crate) use version::{Origin, Version};
pub(crate) use whole::WholeSight;
