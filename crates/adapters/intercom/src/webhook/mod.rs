//! What Intercom tells us by webhook: how it is signed, what it says, which record it is about.

mod about;
mod item;
mod notification;
mod signature;
mod skeleton;
#[cfg(test)]
mod tests;
mod topic;
mod veiled;

pub use about::{About, AboutKind};
pub use item::{Item, UnreadableItem};
pub use notification::{Notification, Unreadable};
pub use signature::{BodyKey, BodySignature, HubKey, HubSignature, InvalidSignature};
pub use topic::Topic;
