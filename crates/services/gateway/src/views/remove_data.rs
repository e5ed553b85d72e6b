use askama::Template;

use crate::views::frame::Frame;
use crate::views::icon::Icon;

/// Asks before what was kept of a disconnected workspace is erased, and says what is lost.
#[derive(Debug, Template)]
#[template(path = "pages/remove_data.html")]
pub(crate) struct RemoveDataPage {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) customers: String,
    /// What is wrong with the form that was sent.
    pub(crate) problem: Option<String>,
}
