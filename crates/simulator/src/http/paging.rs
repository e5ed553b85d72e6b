//! Pages by cursor and pages by number.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::answer::ApiError;
use super::caller::Caller;
use super::params::Params;
use crate::search::{Cursor, Found};

/// How many records a page holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageSize {
    pub(super) default: u64,
    pub(super) most: u64,
}

pub(super) const CONVERSATIONS: PageSize = PageSize {
    default: 20,
    most: 150,
};
pub(super) const CONTACTS: PageSize = PageSize {
    default: 50,
    most: 150,
};
pub(super) const COMPANIES: PageSize = PageSize {
    default: 15,
    most: 60,
};
pub(super) const DELETED: PageSize = PageSize {
    default: 20,
    most: 60,
};
pub(super) const SUB_LISTS: PageSize = PageSize {
    default: 50,
    most: 60,
};

impl PageSize {
    pub(super) fn of(self, caller: &Caller, asked: Option<u64>) -> Result<u64, ApiError> {
        match asked {
            None => Ok(self.default),
            Some(0) => Err(ApiError::invalid("per_page must be at least 1")),
            Some(asked)
                if asked > self.most && caller.app.config.switches.oversized_page_refused =>
            {
                Err(ApiError::invalid(format!(
                    "per_page must be at most {}",
                    self.most
                )))
            }
            Some(asked) => Ok(asked.min(self.most)),
        }
    }
}

/// `pages` of a list read by cursor.
#[derive(Debug, Serialize)]
pub(super) struct CursorPages {
    r#type: &'static str,
    page: u64,
    per_page: u64,
    total_pages: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Next>,
}

#[derive(Debug, Serialize)]
struct Next {
    page: u64,
    starting_after: String,
}

impl CursorPages {
    pub(super) fn of(found: &Found, after: Option<&Cursor>, per_page: u64) -> Self {
        Self {
            r#type: "pages",
            page: after.map_or(1, Cursor::page),
            per_page,
            total_pages: found.total.div_ceil(per_page),
            next: found.next.as_ref().map(|cursor| Next {
                page: cursor.page(),
                starting_after: cursor.write(),
            }),
        }
    }
}

/// Reads `starting_after`.
pub(super) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, ApiError> {
    let read =
        |text| Cursor::read(text).ok_or_else(|| ApiError::invalid("starting_after is invalid"));
    text.filter(|text| !text.is_empty()).map(read).transpose()
}

/// A page by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct NumberedPage {
    pub(super) page: u64,
    pub(super) per_page: u64,
}

impl NumberedPage {
    pub(super) fn read(caller: &Caller, params: &Params, size: PageSize) -> Result<Self, ApiError> {
        let per_page = size.of(caller, params.number("per_page")?)?;
        Ok(Self {
            page: params.number("page")?.unwrap_or(1).max(1),
            per_page,
        })
    }

    /// How many records the earlier pages hold.
    pub(super) fn skip(self) -> u64 {
        (self.page - 1).saturating_mul(self.per_page)
    }

    /// `pages`, whose `next` is a URL made by appending to `base`.
    pub(super) fn pages(self, base: &str, total: u64) -> Json {
        let Self { page, per_page } = self;
        let total_pages = total.div_ceil(per_page);
        let join = if base.contains('?') { '&' } else { '?' };
        let next = (page < total_pages)
            .then(|| format!("{base}{join}per_page={per_page}&page={}", page + 1));
        json!({
            "type": "pages",
            "next": next,
            "page": page,
            "per_page": per_page,
            "total_pages": total_pages,
        })
    }
}
