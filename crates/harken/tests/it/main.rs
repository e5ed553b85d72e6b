//! The real binary, as a shell sees it.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod exit_codes;
mod exporting;
mod program;
