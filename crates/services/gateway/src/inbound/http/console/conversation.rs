use axum::extract::Path;
use axum::response::Response;
use futures::future::join_all;
use harken_domain::{ConversationId, CustomerId};

use super::page;
use super::visit::{Visit, id};
use crate::inbound::http::refusal::Refused;
use crate::outbound::Asking;
use crate::views::conversation::{ConversationPage, Participant};
use crate::views::customers::called;
use crate::views::frame::Section;

/// Most customers of a conversation who are named.
const NAMED: usize = 5;

pub(crate) async fn show(visit: Visit, Path(conversation): Path<String>) -> Refused<Response> {
    let conversation: ConversationId = id(&conversation)?;
    let asking = visit.asking();
    let (around, held) = tokio::join!(visit.surroundings(), asking.conversation(conversation));
    let (around, held) = (around?, held?);
    let customers = held
        .conversation
        .as_ref()
        .map_or(&[][..], |one| &one.customer_ids);
    let participants = join_all(
        customers
            .iter()
            .take(NAMED)
            .map(|one| participant(&asking, one)),
    )
    .await;
    let frame = visit.frame(Section::Customers, &around);
    let participants = participants.into_iter().flatten().collect();
    page(&ConversationPage::new(
        frame,
        &held,
        participants,
        visit.now(),
    ))
}

/// A customer who cannot be read now is left out: the conversation is what was asked for.
async fn participant(asking: &Asking, customer: &str) -> Option<Participant> {
    let id: CustomerId = customer.parse().ok()?;
    let record = asking.customer(id).await.ok()?;
    let (name, _) = called(
        record.name.as_deref(),
        record.email.as_deref(),
        &record.external_id,
    );
    let id = record.customer_id;
    Some(Participant { id, name })
}
