use askama::Template;

use crate::views::connect_form::ConnectForm;
use crate::views::frame::Frame;
use crate::views::icon::Icon;

/// The choices before another workspace is connected.
#[derive(Debug, Template)]
#[template(path = "pages/connect.html")]
pub(crate) struct ConnectPage {
    pub(crate) frame: Frame,
    pub(crate) connect: ConnectForm,
}
