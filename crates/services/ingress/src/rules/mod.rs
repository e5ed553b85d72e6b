pub(crate) mod address;
pub(crate) mod key;
pub(crate) mod message_id;
pub(crate) mod outcome;
pub(crate) mod pace;
pub(crate) mod route;
pub(crate) mod standing;
pub(crate) mod tally;
