//! What Intercom's developer hub shows and sets, and what only a simulator can tell: what was really sent.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Asked, Refused, not_found};
use crate::app::{App, Shared};
use crate::webhooks::{CAUSED, InvalidSettings, Standing, Subscription, changed};
use crate::world::Workspace;

/// Lines written into one chunk of a stream.
const CHUNK: usize = 500;

pub(super) fn router() -> Router<Shared> {
    let workspace = "/_simulator/webhooks/{workspace}";
    Router::new()
        .route("/_simulator/webhooks", get(show).put(set))
        .route(workspace, get(log).delete(clear))
        .route(&format!("{workspace}/sent"), get(sent))
        .route(&format!("{workspace}/ping"), post(ping))
        .route(&format!("{workspace}/install"), post(install))
        .route(&format!("{workspace}/uninstall"), post(uninstall))
        .route(
            &format!("{workspace}/own"),
            get(show_own).put(set_own).delete(drop_own),
        )
}

impl From<InvalidSettings> for Refused {
    fn from(invalid: InvalidSettings) -> Self {
        Self(StatusCode::BAD_REQUEST, invalid.to_string())
    }
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Workspace, Refused> {
    app.workspace(name).ok_or_else(|| not_found("workspace"))
}

fn described(subscription: &Subscription) -> Value {
    let mut settings = subscription.settings();
    "***".clone_into(&mut settings.secret);
    json!({ "status": subscription.standing(), "settings": settings })
}

async fn show(State(app): State<Shared>) -> Json<Value> {
    let installed = app.workspaces.iter().map(|workspace| workspace.key);
    let installed: Vec<_> = installed
        .filter(|key| app.register.is_installed(key))
        .collect();
    let mut about = described(app.webhooks.app());
    about["installed"] = json!(installed);
    about["possible_topics"] = json!(CAUSED);
    Json(about)
}

async fn set(
    State(app): State<Shared>,
    Asked(changes): Asked<Map<String, Value>>,
) -> Result<Response, Refused> {
    let subscription = app.webhooks.app().clone();
    settle(&app, &subscription, changes).await
}

/// Takes changed settings; a refused endpoint is answered with 422.
async fn settle(
    app: &App,
    subscription: &Arc<Subscription>,
    changes: Map<String, Value>,
) -> Result<Response, Refused> {
    let ask = changes.contains_key("url");
    let settings = changed(&subscription.settings(), changes)?;
    let standing = app.webhooks.set_up(subscription, settings, ask).await;
    let status = match standing {
        Standing::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Standing::Live if ask => {
            app.ping_installed(subscription);
            StatusCode::OK
        }
        _ => StatusCode::OK,
    };
    Ok((status, Json(described(subscription))).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default = "first")]
    page: usize,
    #[serde(default = "fifty")]
    per_page: usize,
}

fn first() -> usize {
    1
}

fn fifty() -> usize {
    50
}

/// Sums, and a page of notifications, newest first.
async fn log(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Query(Page { page, per_page }): Query<Page>,
) -> Result<Json<Value>, Refused> {
    let workspace = find(&app, &workspace)?;
    let skip = page.saturating_sub(1).saturating_mul(per_page);
    let ledger = &app.webhooks.ledger;
    Ok(Json(json!({
        "installed": app.register.is_installed(workspace.key),
        "counts": ledger.count(workspace.key),
        "page": page,
        "notifications": ledger.page(workspace.key, skip, per_page.min(1000)),
    })))
}

async fn clear(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<StatusCode, Refused> {
    app.webhooks.ledger.clear(find(&app, &workspace)?.key);
    Ok(StatusCode::NO_CONTENT)
}

/// Every notification kept, a line of JSON each, oldest first.
async fn sent(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<Response, Refused> {
    let key = find(&app, &workspace)?.key;
    let lines = futures::stream::unfold((app.clone(), 0), move |(app, from)| async move {
        let (entries, next) = app.webhooks.ledger.read(key, from, CHUNK);
        if entries.is_empty() {
            return None;
        }
        let mut text = Vec::new();
        for entry in &entries {
            if let Err(error) = serde_json::to_writer(&mut text, entry) {
                return Some((Err(std::io::Error::from(error)), (app, next)));
            }
            text.push(b'\n');
        }
        Some((Ok(Bytes::from(text)), (app, next)))
    });
    let kind = [("content-type", "application/x-ndjson")];
    Ok((kind, Body::from_stream(lines)).into_response())
}

async fn ping(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    for subscription in app.listeners(workspace) {
        if subscription.standing() == Standing::Live {
            app.webhooks.ping(&subscription, workspace);
        }
    }
    Ok(StatusCode::ACCEPTED)
}

/// As if a teammate had allowed the app.
async fn install(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    app.register.install(workspace.key)?;
    Ok(StatusCode::NO_CONTENT)
}

/// As if a teammate had removed the app: its tokens die, and its uninstall URL is told.
async fn uninstall(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<StatusCode, Refused> {
    let workspace = find(&app, &workspace)?;
    app.uninstall(workspace)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_own(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<Json<Value>, Refused> {
    let key = find(&app, &workspace)?.key;
    let own = app.webhooks.own(key).ok_or_else(|| not_found("own app"))?;
    Ok(Json(described(&own)))
}

/// Subscribes the workspace's own private app; needs its secret besides the URL.
async fn set_own(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Asked(changes): Asked<Map<String, Value>>,
) -> Result<Response, Refused> {
    let key = find(&app, &workspace)?.key;
    let own = app.webhooks.own(key);
    let own = match own {
        Some(own) => own,
        None if changes.contains_key("url") && changes.contains_key("secret") => {
            app.webhooks.open_own(key)
        }
        None => {
            let reason = "an own app needs url and secret";
            return Err(Refused(StatusCode::BAD_REQUEST, reason.to_owned()));
        }
    };
    settle(&app, &own, changes).await
}

async fn drop_own(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
) -> Result<StatusCode, Refused> {
    app.webhooks.close_own(find(&app, &workspace)?.key);
    Ok(StatusCode::NO_CONTENT)
}
