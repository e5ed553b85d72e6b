//! What an incremental run asks for, so that what changed since the last one is found once.

mod days;
mod place;
mod slice;

use chrono::TimeDelta;

pub(crate) use days::Days;
pub(crate) use place::{Place, Step};
pub(crate) use slice::Slice;

/// How long after a change Intercom's searches and lists may still lack it. Runs overlap by it; what was read before is known
/// by its id and the moment of its change.
pub(crate) const SEARCH_LAG: TimeDelta = TimeDelta::minutes(5);
