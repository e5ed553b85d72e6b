use askama::Template;

use crate::views::frame::Frame;
use crate::views::icon::Icon;

/// Asks before a workspace is disconnected, and says what is lost.
#[derive(Debug, Template)]
#[template(path = "pages/disconnect.html")]
pub(crate) struct DisconnectPage {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) customers: String,
    /// Whether what was mirrored is erased.
    pub(crate) erases: bool,
    /// What is wrong with the form that was sent.
    pub(crate) problem: Option<String>,
}
