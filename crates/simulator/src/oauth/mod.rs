//! How an app is installed: the consent page, the exchange, the uninstall.

mod authorize;
mod page;
mod token;
mod uninstall;

use axum::Router;
use axum::routing::{get, post};

use crate::app::Shared;
pub(crate) use page::page;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/oauth", get(authorize::show).post(authorize::decide))
        .route("/oauth/signup", get(authorize::show))
        .route("/auth/eagle/token", post(token::exchange))
        .route("/auth/uninstall", post(uninstall::uninstall))
}
