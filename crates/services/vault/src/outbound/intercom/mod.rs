mod budget;
mod line;

pub(crate) use budget::{Budget, Sharing};
pub(crate) use line::{Line, Reply, SendError};
