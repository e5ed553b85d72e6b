//! Messages that nobody could take, kept whole: how they die, how they are found, and how they leave.

mod bury;
mod epitaph;
mod find;
mod leave;
mod letter;
mod net;
mod reading;
mod selection;

pub(crate) use bury::Verdict;
pub use find::DeadLetters;
pub use letter::{DeadLetter, DeadLetterError, WholeDeadLetter};
pub use selection::DeadLetterSelection;
