//! HTTP: the console for people, the API for programs.

mod api;
mod assets;
mod choice;
mod console;
mod cookies;
mod headers;
mod refusal;
mod render;
mod request;
mod server;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use tower_http::compression::CompressionLayer;

use crate::app::Gateway;

pub(crate) use self::server::serve;

/// The most that a form or a JSON body may weigh.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Every route of the gateway.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .merge(console::routes())
        .merge(api::routes())
        .merge(assets::routes())
        .fallback(|| async { refusal::Refusal::not_found() })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(request::observed))
        .layer(middleware::from_fn_with_state(
            gateway.clone(),
            headers::guarded,
        ))
        .layer(CompressionLayer::new().gzip(true))
        .with_state(gateway)
}
