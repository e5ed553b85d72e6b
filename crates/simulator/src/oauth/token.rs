//! The exchange of a code for a token.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::Code;
use crate::app::{App, Shared};
use crate::http::{ApiError, error_list, harmed};

pub(super) async fn exchange(
    State(app): State<Shared>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    const ENDPOINT: &str = "POST /auth/eagle/token";
    let request_id = app.request_id();
    let arrived_at_ms = app.now_ms();
    let harm = app.faults.strike("POST", "/auth/eagle/token");
    let harmed = match harm {
        Some(harm) => harmed(harm, &request_id).await,
        None => None,
    };
    let response = harmed.unwrap_or_else(|| match redeem(&app, &headers, &bytes) {
        Ok(code) => {
            let token = app.minter.token(&code);
            Json(json!({ "token_type": "Bearer", "token": token, "access_token": token }))
                .into_response()
        }
        Err(error) => error_list(&error, &request_id),
    });
    app.stats
        .count(ENDPOINT, response.status().as_u16(), arrived_at_ms);
    response
}

/// Which code is redeemed; every failure is a 401, as at Intercom.
fn redeem(app: &App, headers: &HeaderMap, bytes: &[u8]) -> Result<Code, ApiError> {
    let refused =
        |code: &str, message: &str| ApiError::new(StatusCode::UNAUTHORIZED, code, message);
    let fields = fields(app, headers, bytes);
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    if field("client_id") != app.config.client_id
        || field("client_secret") != app.config.client_secret
    {
        return Err(refused("unauthorized", "Invalid Client"));
    }
    let switches = &app.config.switches;
    let code = app.minter.read_code(field("code")).filter(|code| {
        let age_ms = app.now_ms() - code.issued_at_ms;
        let fresh = age_ms <= switches.code_lifetime_secs * 1000;
        fresh && (!switches.code_single_use || app.register.use_code(code.nonce))
    });
    code.ok_or_else(|| refused("unauthorized", "Unauthorized Code"))
}

fn fields(app: &App, headers: &HeaderMap, bytes: &[u8]) -> HashMap<String, String> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("");
    if !kind.starts_with("application/json") {
        return url::form_urlencoded::parse(bytes).into_owned().collect();
    }
    if !app.config.switches.token_accepts_json {
        return HashMap::new();
    }
    serde_json::from_slice(bytes).unwrap_or_default()
}
