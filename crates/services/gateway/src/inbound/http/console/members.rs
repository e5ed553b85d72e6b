use axum::response::Response;

use super::page;
use super::visit::Visit;
use crate::inbound::http::refusal::Refused;
use crate::views::frame::Section;
use crate::views::members::{MemberRow, MembersPage};

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    let asking = visit.asking();
    let (around, members) = tokio::join!(visit.surroundings(), asking.members());
    let (around, members, now) = (around?, members?, visit.now());
    page(&MembersPage {
        frame: visit.frame(Section::Settings, &around),
        rows: members
            .iter()
            .map(|member| MemberRow::new(member, now))
            .collect(),
    })
}
