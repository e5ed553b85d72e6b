//! The inbox of a workspace: a person plays its customers and its teammates here. It works without scripts.

mod act;
mod begin;
mod list;
mod page;
mod thread;
mod time;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::app::{App, Shared};
use crate::oauth::page as rendered;
use crate::world::Workspace;
use list::{Filter, List};
use page::{Frame, Index, Listed, Refused, Threaded, Workspaces};
use thread::Thread;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(index))
        .route("/inbox/style.css", get(style))
        .route("/inbox/live.js", get(script))
        .route("/inbox/{workspace}", get(list))
        .route("/inbox/{workspace}/revision", get(revision))
        .route(
            "/inbox/{workspace}/new",
            get(begin::form).post(begin::begin),
        )
        .route("/inbox/{workspace}/{id}", get(thread).post(act::act))
}

/// What the address asks to see.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    state: Filter,
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: usize,
    /// Why the last action was not done.
    #[serde(default)]
    problem: String,
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a Workspace, Box<Response>> {
    app.workspace(name)
        .ok_or_else(|| Box::new(missing("This workspace does not exist.")))
}

fn missing(reason: &str) -> Response {
    rendered(StatusCode::NOT_FOUND, &Refused { reason })
}

async fn index(State(app): State<Shared>) -> Response {
    let workspaces = Workspaces::of(&app);
    let consent = app
        .config
        .redirect_uris
        .first()
        .map(|_| format!("/oauth?client_id={}&state=by-hand", app.config.client_id));
    rendered(
        StatusCode::OK,
        &Index {
            workspaces,
            consent,
        },
    )
}

async fn list(
    State(app): State<Shared>,
    Path(workspace): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let workspace = match find(&app, &workspace) {
        Ok(workspace) => workspace,
        Err(refused) => return *refused,
    };
    let view = workspace.look();
    let now = app.now_secs();
    let list = List::of(&view, &asked, None, now);
    let frame = Frame::of(&app, workspace, &view, &asked);
    rendered(StatusCode::OK, &Listed { frame, list })
}

async fn thread(
    State(app): State<Shared>,
    Path((workspace, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let workspace = match find(&app, &workspace) {
        Ok(workspace) => workspace,
        Err(refused) => return *refused,
    };
    let view = workspace.look();
    let now = app.now_secs();
    let Some(conversation) = view.find_conversation(&id) else {
        return missing("This conversation does not exist, or was deleted.");
    };
    let list = List::of(&view, &asked, Some(conversation.number), now);
    let frame = Frame::of(&app, workspace, &view, &asked);
    let thread = Thread::of(&view, &conversation, now);
    rendered(
        StatusCode::OK,
        &Threaded {
            frame,
            list,
            thread,
        },
    )
}

/// Lets the script know cheaply whether there is anything new.
async fn revision(State(app): State<Shared>, Path(workspace): Path<String>) -> Response {
    match find(&app, &workspace) {
        Ok(workspace) => workspace.look().revision().to_string().into_response(),
        Err(refused) => *refused,
    }
}

async fn style() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("../../templates/inbox/style.css"))
}

async fn script() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, include_str!("../../templates/inbox/live.js"))
}
