//! An app takes itself out of a workspace.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::Grant;
use crate::app::Shared;
use crate::http::{ApiError, bearer, error_list};

pub(super) async fn uninstall(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let token = bearer(&headers).unwrap_or_default();
    let outcome = match app.minter.read_token(&token) {
        Some(Grant::Installed(code))
            if app
                .register
                .is_uninstalled(&code.workspace, code.issued_at_ms) =>
        {
            Err(ApiError::unauthorized())
        }
        Some(Grant::Installed(code)) => match app.workspace(&code.workspace) {
            Some(workspace) => Ok(app.uninstall(workspace)),
            None => Err(ApiError::unauthorized()),
        },
        Some(Grant::Private(_, workspace)) if !app.register.is_revoked(&token) => {
            let dropped = app.register.drop_private(&workspace);
            Ok(dropped.and_then(|()| app.register.revoke(&token)))
        }
        _ => Err(ApiError::unauthorized()),
    };
    let response = match outcome {
        Ok(Ok(())) => Json(json!({})).into_response(),
        Ok(Err(_)) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            error_list(
                &ApiError::new(status, "server_error", "Server Error"),
                &app.request_id(),
            )
        }
        Err(error) => error_list(&error, &app.request_id()),
    };
    app.stats.count(
        "POST /auth/uninstall",
        response.status().as_u16(),
        app.now_ms(),
    );
    response
}
