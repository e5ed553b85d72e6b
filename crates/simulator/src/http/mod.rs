//! The REST API, one file per resource.

mod admins;
mod answer;
mod attributes;
mod caller;
mod companies;
mod contacts;
mod conversations;
mod guard;
mod me;
mod paging;
mod params;
mod scroll;
mod segments;
mod tags;
mod teams;
mod version;
mod wire;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::Shared;
use crate::canary::plant_in_answers;
pub(crate) use answer::{ApiError, error_list};
pub(crate) use caller::token as bearer;
pub(crate) use guard::{harmed, unknown_path};
pub(crate) use scroll::Scrolls;
pub(crate) use version::Version;
pub(crate) use wire::{ContactBody, ConversationBody};

pub(crate) fn router(app: &Shared) -> Router<Shared> {
    Router::new()
        .route("/me", get(me::retrieve))
        .route("/admins", get(admins::list))
        .route("/admins/{id}", get(admins::retrieve))
        .route("/teams", get(teams::list))
        .route("/teams/{id}", get(teams::retrieve))
        .route("/tags", get(tags::list))
        .route("/tags/{id}", get(tags::retrieve))
        .route("/segments", get(segments::list))
        .route("/segments/{id}", get(segments::retrieve))
        .route("/data_attributes", get(attributes::list_data))
        .route("/companies", get(companies::find))
        .route("/companies/list", post(companies::list))
        .route("/companies/scroll", get(companies::scroll))
        .route("/companies/{id}", get(companies::retrieve))
        .route("/companies/{id}/contacts", get(companies::contacts))
        .route("/companies/{id}/segments", get(companies::segments))
        .route("/contacts", get(contacts::list))
        .route("/contacts/search", post(contacts::search))
        .route(
            "/contacts/find_by_external_id/{id}",
            get(contacts::find_by_external_id),
        )
        .route("/contacts/{id}", get(contacts::retrieve))
        .route("/contacts/{id}/tags", get(contacts::tags))
        .route("/contacts/{id}/companies", get(contacts::companies))
        .route("/contacts/{id}/notes", get(contacts::notes))
        .route("/contacts/{id}/segments", get(contacts::segments))
        .route("/contacts/{id}/merge_history", get(contacts::history))
        .route("/conversations", get(conversations::list))
        .route("/conversations/search", post(conversations::search))
        .route("/conversations/deleted", get(conversations::deleted))
        .route(
            "/conversations/attributes",
            get(attributes::list_conversation),
        )
        .route("/conversations/{id}", get(conversations::retrieve))
        .method_not_allowed_fallback(guard::unknown_method)
        .route_layer(from_fn_with_state(app.clone(), guard::guard))
        .layer(from_fn_with_state(app.clone(), plant_in_answers))
}
