//! Search with Intercom's semantics: what a query may say, what matches it, and paging through it.

mod catalog;
mod cursor;
mod days;
mod filter;
mod matching;
mod run;
mod sort;
mod spans;
#[cfg(test)]
mod tests;

use serde_json::Value as Json;

pub(crate) use catalog::{Catalog, Contacts, Conversations};
pub(crate) use cursor::Cursor;
pub(crate) use filter::Filter;
pub(crate) use run::{Counts, Found, Records, Wanted, run};
pub(crate) use sort::Sort;

/// Why a search is refused; always a 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Reads a whole number that may be written as a string; none when there is none.
pub(crate) fn whole(json: &Json) -> Result<Option<u64>, Refusal> {
    let number = match json {
        Json::Null => return Ok(None),
        Json::Number(number) => number.as_u64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    number
        .map(Some)
        .ok_or_else(|| Refusal::invalid("per_page must be a positive number"))
}

impl Refusal {
    fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: "parameter_invalid",
            message: message.into(),
        }
    }
}
