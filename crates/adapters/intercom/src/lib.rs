#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod budget_headers;
mod direct;
mod envelope;
mod extra;
mod lenient;
pub mod models;
mod oauth;
mod reader;
mod region;
mod structure;
mod text;
mod transport;
pub mod webhook;
mod workspace;

pub use budget_headers::{BudgetHeaders, WindowHeaders};
pub use direct::{Answer, Bound, ClientError, Direct, Patience};
pub use envelope::{ApiError, ErrorList};
pub use oauth::{ExchangeError, OAuthApp};
pub use reader::{
    Cursor, DeletedConversation, DeletedPage, Page, ReadError, Reader, ScrollPage, SearchWindow,
    SortOrder,
};
pub use region::{Hosts, InvalidHost, Region, UnknownRegion};
pub use structure::{InvalidKey, PseudonymKey, Veil};
pub use text::plain as plain_text;
pub use transport::{Method, Priority, Request, Response, Transport, TransportError};
pub use workspace::{NoWorkspace, Workspace};

/// The version of Intercom's API that every request asks for (`Intercom-Version`).
pub const INTERCOM_VERSION: &str = "2.16";
