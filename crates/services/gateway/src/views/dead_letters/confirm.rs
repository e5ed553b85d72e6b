use askama::Template;

use crate::app::Disposal;
use crate::views::dead_letters::Row;
use crate::views::dead_letters::filter::Filter;
use crate::views::frame::Frame;
use crate::views::icon::Icon;

/// What would happen, before it does.
#[derive(Debug, Template)]
#[template(path = "pages/dead_letters_confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) frame: Frame,
    pub(crate) disposal: Disposal,
    /// `3 dead letters`.
    pub(crate) counted: String,
    pub(crate) is_empty: bool,
    pub(crate) sample: Vec<Row>,
    /// How many there are beyond the sample.
    pub(crate) others: Option<String>,
    /// Those that were ticked, `4,9`; empty for all that the filter leaves.
    pub(crate) ids: String,
    pub(crate) filter: Filter,
    /// Newest that are meant, so that none which dies meanwhile is.
    pub(crate) until: String,
}

impl ConfirmPage {
    pub(crate) const fn is_drop(&self) -> bool {
        matches!(self.disposal, Disposal::Drop)
    }
}
