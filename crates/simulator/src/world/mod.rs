//! The workspaces the simulator plays, as they are at this moment.

mod change;
mod changes;
mod contact;
mod journal;
mod order;
mod settle;
#[cfg(test)]
mod tests;
mod view;
mod workspace;

pub(crate) use change::{Added, Change, Edit, Started};
pub(crate) use contact::Contact;
pub(crate) use order::{Order, Span};
pub(crate) use view::{ContactLookup, View};
pub(crate) use workspace::{Made, Refused, Workspace};
