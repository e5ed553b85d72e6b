//! The operators' commands: clients of the services, one file each.

mod access;
mod choose;
mod client;
mod connection;
mod dead;
mod export;
mod key;
mod refusal;
mod score;
mod secret;
mod sign_in_link;
mod sync;
mod topics;

pub(crate) use access::{CLIENT_FILE, ClientFile, Credentials};
pub(crate) use client::Harken;
pub(crate) use connection::run as connection;
pub(crate) use dead::run as dead;
pub(crate) use export::run as export;
pub(crate) use key::run as key;
pub(crate) use score::run as score;
pub(crate) use sign_in_link::{address as sign_in_address, run as sign_in_link};
pub(crate) use sync::run as sync;
pub(crate) use topics::run as topics;

use harken_domain::Clock;
use harken_runtime::Environment;

use crate::cli::Access;
use crate::failure::Failure;
use crate::output::Output;

/// What every operator's command works with.
pub(crate) struct Desk {
    pub(crate) harken: Harken,
    pub(crate) output: Output,
    pub(crate) clock: Clock,
}

impl Desk {
    /// Finds address and key; nothing is connected before the first question.
    pub(crate) fn open(access: &Access, environment: &Environment) -> Result<Self, Failure> {
        let credentials = Credentials::discover(access, environment)?;
        Ok(Self {
            harken: Harken::at(credentials)?,
            output: Output::standard(access.json, environment),
            clock: Clock::system(),
        })
    }
}
