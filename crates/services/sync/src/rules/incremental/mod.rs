//! What an incremental run asks for, so that what changed since the last one is found once.

mod place;

pub(crate) use place::{Place, Step};
