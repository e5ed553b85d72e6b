//! The console: one file per page, named as the page is.

mod activity;
mod api_keys;
mod banner;
mod completeness;
mod connection;
mod conversation;
mod customer;
mod customers;
mod dead_letters;
mod disconnect;
mod drift;
mod erasure;
mod form;
mod help;
mod integrations;
mod intercom;
mod members;
mod oauth_callback;
mod overview;
mod pause;
mod remove_data;
mod replace_token;
mod run;
mod runs;
mod sign_in;
mod sign_out;
mod stored;
mod sync_settings;
mod token_form;
mod token_problem;
mod visit;
mod webhooks;

use askama::Template;
use axum::Router;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};

use super::refusal::Refused;
use crate::app::Gateway;
use crate::views::frame::Notice;

/// The console's routes.
pub(crate) fn routes() -> Router<Gateway> {
    Router::new()
        .route("/", get(overview::show))
        .route("/sign-in", get(sign_in::show))
        .route(
            "/sign-in/{token}",
            get(sign_in::follow).post(sign_in::redeem),
        )
        .route("/sign-out", post(sign_out::sign_out))
        .route("/customers", get(customers::show))
        .route("/customers/{id}", get(customer::show))
        .route("/conversations/{id}", get(conversation::show))
        .route("/activity", get(activity::show))
        .route("/integrations", get(integrations::show))
        .route(
            "/integrations/intercom/connect",
            get(intercom::show).post(intercom::connect),
        )
        .route(
            "/integrations/intercom/token",
            get(token_form::show).post(token_form::submit),
        )
        .route(
            "/integrations/{id}/test",
            get(integrations::leave).post(integrations::test),
        )
        .route("/integrations/{id}/runs", get(runs::show).post(runs::start))
        .route(
            "/integrations/{id}/disconnect",
            get(disconnect::show).post(disconnect::disconnect),
        )
        .route("/integrations/{id}/pause", post(pause::pause))
        .route("/integrations/{id}/resume", post(pause::resume))
        .route(
            "/integrations/{id}/settings",
            get(sync_settings::show).post(sync_settings::save),
        )
        .route("/integrations/{id}/completeness", get(completeness::show))
        .route("/integrations/{id}/drift", get(drift::show))
        .route("/integrations/{id}/stored", get(stored::show))
        .route(
            "/integrations/{id}/token",
            get(replace_token::show).post(replace_token::submit),
        )
        .route(
            "/integrations/{id}/remove-data",
            get(remove_data::show).post(remove_data::remove),
        )
        .route("/integrations/{id}/erasure", get(erasure::show))
        .route("/oauth/intercom/callback", get(oauth_callback::receive))
        .route("/runs/{id}", get(run::show))
        .route("/banner/dismiss", post(banner::dismiss))
        .route(
            "/settings",
            get(|| async { Redirect::to("/settings/api-keys") }),
        )
        .route(
            "/settings/api-keys",
            get(api_keys::show).post(api_keys::create),
        )
        .route("/settings/api-keys/{id}/revoke", post(api_keys::revoke))
        .route("/settings/integrations/{id}", get(webhooks::show))
        .route(
            "/settings/integrations/{id}/webhook-secret",
            post(webhooks::set_secret),
        )
        .route(
            "/settings/integrations/{id}/webhook-secret/retire",
            post(webhooks::retire),
        )
        .route("/settings/members", get(members::show))
        .route("/settings/dead-letters", get(dead_letters::show))
        .route("/settings/dead-letters/confirm", get(dead_letters::confirm))
        .route("/settings/dead-letters/replay", post(dead_letters::replay))
        .route("/settings/dead-letters/drop", post(dead_letters::drop))
        .route("/settings/dead-letters/{id}", get(dead_letters::one))
        .route("/help", get(help::show))
}

/// A page, rendered.
fn page(page: &impl Template) -> Refused<Response> {
    let html = page
        .render()
        .map_err(|cause| harken_runtime::status::internal(&cause))?;
    Ok(Html(html).into_response())
}

/// Leads on after something was done; `notice` says what.
fn done(path: &str, notice: Notice) -> Response {
    Redirect::to(&format!("{path}?notice={}", notice.slug())).into_response()
}
