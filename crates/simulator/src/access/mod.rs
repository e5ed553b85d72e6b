//! Who may ask for what: tokens, permissions, and what was taken back.

mod permission;
mod register;
mod token;

pub(crate) use permission::{Permission, Permissions};
pub(crate) use register::Register;
pub(crate) use token::{Code, FIXED, Grant, Minter};
