//! What tests and operators steer the simulator with; Intercom has none of it.

mod access;
mod canary;
mod churn;
mod faults;
mod limits;
mod stats;
mod story;
mod truth;
mod webhooks;

use axum::Json;
use axum::Router;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::access::FIXED;
use crate::app::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_simulator", get(about))
        .route("/_simulator/stats", get(stats::read).delete(stats::reset))
        .route(
            "/_simulator/faults",
            get(faults::list).post(faults::order).delete(faults::clear),
        )
        .route("/_simulator/churn", get(churn::read).put(churn::set))
        .route("/_simulator/limits", post(limits::set))
        .route("/_simulator/canary", post(canary::set))
        .route("/_simulator/tokens/revoke", post(access::revoke))
        .route("/_simulator/permissions/remove", post(access::remove))
        .route("/_simulator/permissions/restore", post(access::restore))
        .route("/_simulator/truth/{workspace}", get(truth::summary))
        .route(
            "/_simulator/truth/{workspace}/contacts",
            get(truth::contacts),
        )
        .route(
            "/_simulator/truth/{workspace}/conversations",
            get(truth::conversations),
        )
        .route(
            "/_simulator/truth/{workspace}/companies",
            get(truth::companies),
        )
        .route("/_simulator/truth/{workspace}/gone", get(truth::gone))
        .merge(story::router())
        .merge(webhooks::router())
}

/// A control request that cannot be done, as plain JSON.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// The JSON body of a request; what cannot be read is refused in words.
struct Asked<T>(T);

impl<T: DeserializeOwned> FromRequest<Shared> for Asked<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Refused> {
        match Json::from_request(request, app).await {
            Ok(Json(asked)) => Ok(Self(asked)),
            Err(rejection) => {
                let reason = rejection.body_text();
                Err(Refused(StatusCode::BAD_REQUEST, reason))
            }
        }
    }
}

fn not_found(what: &str) -> Refused {
    Refused(StatusCode::NOT_FOUND, format!("no such {what}"))
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

/// The workspaces, the app and the well-known tokens.
async fn about(State(app): State<Shared>) -> Json<Value> {
    let workspaces: Vec<Value> = app
        .workspaces
        .iter()
        .map(|workspace| {
            let tokens: serde_json::Map<String, Value> = FIXED
                .iter()
                .map(|fixed| (fixed.kind.to_owned(), json!(fixed.token(workspace.key))))
                .collect();
            json!({
                "key": workspace.key,
                "id": workspace.id,
                "name": workspace.name,
                "timezone": workspace.zone.name(),
                "contacts": workspace.story.premise().contacts,
                "conversations": workspace.story.premise().conversations,
                "tokens": tokens,
            })
        })
        .collect();
    Json(json!({
        "epoch": app.epoch,
        "client_id": app.config.client_id,
        "redirect_uris": app.config.redirect_uris,
        "workspaces": workspaces,
    }))
}
