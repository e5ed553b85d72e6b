use askama::Template;

use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::test_report::Report;
use crate::views::token_form::Problem;

/// Puts another access token in the place of a connection's. It is never shown again, not even to who typed it.
#[derive(Debug, Template)]
#[template(path = "pages/replace_token.html")]
pub(crate) struct ReplaceTokenPage {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) workspace_name: String,
    pub(crate) workspace_id: String,
    /// Whether the connection lives: then the token is replaced, else it is connected again.
    pub(crate) is_alive: bool,
    pub(crate) report: Option<Report>,
    pub(crate) problem: Option<Problem>,
}

impl ReplaceTokenPage {
    const fn title(&self) -> &'static str {
        if self.is_alive {
            "Replace the access token"
        } else {
            "Reconnect with an access token"
        }
    }

    const fn button(&self) -> &'static str {
        if self.is_alive {
            "Replace token"
        } else {
            "Reconnect"
        }
    }
}
