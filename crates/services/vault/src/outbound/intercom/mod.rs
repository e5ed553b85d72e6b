mod budget;
mod line;

pub(crate) use budget::Budget;
pub(crate) use line::{Line, Reply, SendError};
