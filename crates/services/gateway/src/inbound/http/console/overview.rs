use axum::response::Response;
use harken_contracts::wire::types::v1::PageRequest;

use super::visit::Visit;
use super::{activity, page};
use crate::inbound::http::refusal::Refused;
use crate::outbound::ScoreList;
use crate::views::customers::CustomerRow;
use crate::views::frame::Section;
use crate::views::level::Level;
use crate::views::next_step::NextStep;
use crate::views::overview::{Levels, OverviewPage, Workspace};

/// How many of the lowest scores are shown.
const LOWEST: u32 = 6;
/// How many lines of the activity.
const LATEST: usize = 8;

pub(crate) async fn show(visit: Visit) -> Refused<Response> {
    let asking = visit.asking();
    let lowest = ScoreList {
        levels: vec![Level::Critical.filter(), Level::AtRisk.filter()],
        page: PageRequest {
            page_size: LOWEST,
            ..PageRequest::default()
        },
        ..ScoreList::default()
    };
    let (around, counts, lowest, feed) = tokio::join!(
        visit.surroundings_with_totals(),
        asking.level_counts(),
        asking.scores(lowest),
        activity::latest(&visit, |_| true, LATEST)
    );
    let (around, counts) = (around?, counts.ok());
    let (now, manages) = (
        visit.now(),
        visit.viewer.acting.role.allows(harken_domain::Role::Admin),
    );
    let workspaces = around
        .connections
        .iter()
        .map(|one| Workspace::new(one, around.standing_of(one), around.status_of(one), now));
    page(&OverviewPage {
        next_step: NextStep::of(
            &around.connections,
            &around.statuses,
            counts.as_ref(),
            manages,
        ),
        feed,
        levels: counts.map(Levels::new),
        lowest: lowest.map_or_else(
            |_| Vec::new(),
            |list| {
                list.scores
                    .iter()
                    .map(|score| {
                        CustomerRow::new(score, around.ended(&score.connection_id).is_some(), now)
                    })
                    .collect()
            },
        ),
        workspaces: workspaces.collect(),
        frame: visit.frame(Section::Overview, &around),
    })
}
