//! Parts of bodies that several answers share.

use chrono::{DateTime, Utc};
use harken_contracts::convert::datetime;
use harken_contracts::wire::types::v1 as types;
use prost_types::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reading;
use crate::inbound::http::refusal::Refused;

/// Where a list goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageInfo {
    /// Token of the next slice; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
    /// How many there are in all slices.
    total_count: u64,
}

/// Which slice of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Slice {
    /// Most entries to answer, 1 to 500; 50 if absent.
    pub(crate) page_size: Option<u32>,
    /// `next_page_token` of the previous slice.
    pub(crate) page_token: Option<String>,
}

impl Slice {
    pub(crate) fn request(self) -> Refused<types::PageRequest> {
        reading::slice(self.page_size, self.page_token)
    }
}

impl From<Option<types::PageInfo>> for PageInfo {
    fn from(page: Option<types::PageInfo>) -> Self {
        let page = page.unwrap_or_default();
        Self {
            next_page_token: (!page.next_page_token.is_empty()).then_some(page.next_page_token),
            total_count: page.total_count,
        }
    }
}

/// A moment as JSON has it.
pub(crate) fn moment(timestamp: Option<&Timestamp>) -> Option<DateTime<Utc>> {
    datetime(timestamp?).ok()
}

/// A text, where there is one.
pub(crate) fn text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
