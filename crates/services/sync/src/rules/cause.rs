/// Why a record changed, weakest first: of several reasons at once the strongest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cause {
    /// Read by a run.
    Imported,
    Updated,
    PartCreated,
    PartRedacted,
    Assigned,
    Closed,
    Reopened,
    Created,
    Deleted,
}
