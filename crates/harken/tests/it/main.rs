//! The real binary, as a shell sees it.

mod exit_codes;
mod program;
