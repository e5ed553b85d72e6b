use axum::extract::{Path, Query};
use axum::response::Response;
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::CustomerId;
use serde::Deserialize;

use super::visit::{Visit, id};
use super::{activity, page};
use crate::inbound::http::refusal::Refused;
use crate::views::customer::{ConversationRow, CustomerPage, Details, Ended, Health};
use crate::views::frame::Section;
use crate::views::pager::Pager;

/// Conversations on a page.
const CONVERSATIONS: u32 = 20;
/// Lines of its activity.
const LATEST: usize = 5;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    after: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path(customer): Path<String>,
    Query(asked): Query<Asked>,
) -> Refused<Response> {
    let customer: CustomerId = id(&customer)?;
    let asking = visit.asking();
    let slice = PageRequest {
        page_size: CONVERSATIONS,
        page_token: asked.after.clone(),
    };
    let (around, record, explanation, list, feed) = tokio::join!(
        visit.surroundings(),
        asking.customer(customer),
        asking.explanation(customer),
        asking.conversations(customer, slice),
        activity::of_customer(&visit, customer, LATEST)
    );
    let (around, record, list, now) = (around?, record?, list?, visit.now());
    let rows: Vec<_> = list
        .conversations
        .iter()
        .map(|one| ConversationRow::new(one, now))
        .collect();
    let path = format!("/customers/{customer}");
    let noun = ("conversation", "conversations");
    page(&CustomerPage {
        frame: visit.frame(Section::Customers, &around),
        id: customer.to_string(),
        feed,
        ended: around.ended(&record.connection_id).map(Ended::new),
        details: Details::new(&record, now),
        // A score that is not there yet, or a scoring that is away, leaves the rest of the page standing.
        health: explanation
            .ok()
            .and_then(|explanation| Health::new(&explanation, now)),
        pager: Pager::new(
            &path,
            &[],
            &asked.after,
            list.page.as_ref(),
            rows.len(),
            noun,
        ),
        conversations: rows,
    })
}
