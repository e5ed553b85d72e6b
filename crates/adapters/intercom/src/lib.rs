#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod budget_headers;
mod direct;
mod envelope;
mod oauth;
mod region;
mod transport;
mod workspace;

pub use budget_headers::{BudgetHeaders, WindowHeaders};
pub use direct::{Answer, Bound, ClientError, Direct, Patience};
pub use envelope::{ApiError, ErrorList};
pub use oauth::{ExchangeError, OAuthApp};
pub use region::{Hosts, InvalidHost, Region, UnknownRegion};
pub use transport::{Method, Priority, Request, Response, Transport, TransportError};
pub use workspace::{NoWorkspace, Workspace};

/// The version of Intercom's API that every request asks for (`Intercom-Version`).
pub const INTERCOM_VERSION: &str = "2.16";
