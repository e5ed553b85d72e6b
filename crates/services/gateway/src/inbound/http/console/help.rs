use axum::response::Response;

use super::page;
use super::visit::Visit;
use crate::inbound::http::refusal::Refused;
use crate::views::frame::Section;
use crate::views::help::HelpPage;

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    let around = visit.surroundings().await?;
    page(&HelpPage::new(visit.frame(Section::Overview, &around)))
}
