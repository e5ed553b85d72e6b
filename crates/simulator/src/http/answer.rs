//! Answers, good and bad, in Intercom's envelopes.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::Permission;
use crate::search::Refusal;

pub(super) type Answer<T> = Result<Json<T>, ApiError>;

/// A refusal; the guard writes its envelope, which names the request.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) headers: Vec<(HeaderName, String)>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self {
            status,
            code,
            message,
            headers: Vec::new(),
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "parameter_invalid", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Access Token Invalid",
        )
    }

    pub(super) fn lacks(permission: Permission) -> Self {
        let name = permission.name();
        let message =
            format!("You do not have the required scope ({name}) to access this resource");
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// The contact became another, whose id the `Link` header gives.
    pub(super) fn merged(survivor: &str) -> Self {
        let link = format!("</contacts/{survivor}>; rel=\"canonical\"");
        Self::new(
            StatusCode::GONE,
            "contact_merged",
            "Contact has been merged",
        )
        .with(header::LINK, &link)
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn headers(&self) -> HeaderMap {
        let value = |(name, value): &(HeaderName, String)| {
            Some((name.clone(), HeaderValue::from_str(value).ok()?))
        };
        self.headers.iter().filter_map(value).collect()
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(StatusCode::BAD_REQUEST, refusal.code, refusal.message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The envelope of every error.
pub(crate) fn error_list(error: &ApiError, request_id: &str) -> Response {
    let body = json!({
        "type": "error.list",
        "request_id": request_id,
        "errors": [{ "code": error.code, "message": error.message }],
    });
    (error.status, error.headers(), Json(body)).into_response()
}
