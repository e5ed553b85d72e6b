use std::fmt::Display;

use crate::{Delivery, Undecodable};

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Its effect is committed, or nothing is owed any more.
    Done,
    /// Not now; it comes again, later each time.
    Again {
        /// What stood in the way; no content.
        cause: String,
    },
    /// Never; it is kept among the dead.
    Dead {
        /// A word from a short list: letters, digits, `-` and `_`.
        reason: &'static str,
        /// What is wrong with it; no content.
        error: String,
    },
}

impl Disposition {
    /// Not now, because of `cause`.
    pub fn again(cause: impl Display) -> Self {
        Self::Again {
            cause: cause.to_string(),
        }
    }

    /// Never, because of `error`.
    pub fn dead(reason: &'static str, error: impl Display) -> Self {
        Self::Dead {
            reason,
            error: error.to_string(),
        }
    }
}

/// A message that cannot be read never will be.
impl From<Undecodable> for Disposition {
    fn from(cause: Undecodable) -> Self {
        Self::dead("undecodable", cause)
    }
}

/// Takes batches of messages.
pub trait Handler: Send + Sync {
    /// Says of each message, in order, what becomes of it. Called again with single messages after a panic.
    fn handle(&self, batch: &[Delivery]) -> impl Future<Output = Vec<Disposition>> + Send;
}
