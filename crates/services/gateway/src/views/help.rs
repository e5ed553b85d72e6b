use askama::Template;

use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;

/// Keyboard shortcuts, and what the levels mean.
#[derive(Debug, Template)]
#[template(path = "pages/help.html")]
pub(crate) struct HelpPage {
    pub(crate) frame: Frame,
    levels: [(Level, &'static str); 4],
}

impl HelpPage {
    pub(crate) const fn new(frame: Frame) -> Self {
        let levels = [
            (Level::Healthy, "Score 70 to 100. No action needed."),
            (
                Level::AtRisk,
                "Score 40 to 69. Something costs points; the customer's page says what.",
            ),
            (Level::Critical, "Score 0 to 39. Look now."),
            (
                Level::NotApplicable,
                "No conversation yet, so there is nothing to judge by.",
            ),
        ];
        Self { frame, levels }
    }
}
