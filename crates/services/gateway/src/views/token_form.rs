use askama::Template;

use crate::views::connect_form::ConnectForm;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::test_report::Report;

/// Connecting with an access token. The token is never shown again, not even to who typed it.
#[derive(Debug, Template)]
#[template(path = "pages/token_form.html")]
pub(crate) struct TokenFormPage {
    pub(crate) frame: Frame,
    pub(crate) connect: ConnectForm,
    pub(crate) report: Option<Report>,
    pub(crate) problem: Option<Problem>,
}

/// Why a token could not be used, and what to do.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) what: String,
    pub(crate) remedy: String,
}
