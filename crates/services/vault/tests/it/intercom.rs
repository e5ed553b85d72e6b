//! A small Intercom that does as it is told.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::net::TcpListener;

/// Clones are the same Intercom.
#[derive(Clone)]
pub(crate) struct Intercom {
    pub(crate) url: String,
    state: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    tokens: HashMap<String, Token>,
    codes: HashMap<String, String>,
    faults: VecDeque<(&'static str, Fault)>,
    seen: Vec<Seen>,
    limit: Option<Limit>,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) workspace: String,
    pub(crate) dead: bool,
    /// Beginnings of paths that are not permitted.
    pub(crate) forbidden: Vec<&'static str>,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) status: u16,
}

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Status(u16, &'static str),
    Hang,
    BreakOff,
    Endless,
}

/// At most so many requests in each window of so many seconds.
#[derive(Clone, Debug)]
struct Limit {
    per_window: u32,
    window_secs: u64,
    window: u64,
    used: u32,
    /// How much of each window was used that is over.
    before: Vec<u32>,
}

impl Intercom {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let intercom = Self {
            url,
            state: Arc::default(),
        };
        let app = Router::new()
            .route("/auth/eagle/token", post(exchange))
            .fallback(answer)
            .with_state(intercom.clone());
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        intercom
    }

    /// Lets `token` into a workspace.
    pub(crate) fn admit(&self, token: &str, workspace: &str) {
        let (workspace, forbidden) = (workspace.to_owned(), Vec::new());
        let token_state = Token {
            workspace,
            dead: false,
            forbidden,
        };
        self.inner().tokens.insert(token.to_owned(), token_state);
    }

    /// Gives a code for a token, good for one exchange.
    pub(crate) fn grant(&self, code: &str, token: &str, workspace: &str) {
        self.admit(token, workspace);
        self.inner().codes.insert(code.to_owned(), token.to_owned());
    }

    pub(crate) fn forbid(&self, token: &str, paths: &[&'static str]) {
        if let Some(token) = self.inner().tokens.get_mut(token) {
            token.forbidden = paths.to_vec();
        }
    }

    pub(crate) fn kill(&self, token: &str) {
        if let Some(token) = self.inner().tokens.get_mut(token) {
            token.dead = true;
        }
    }

    pub(crate) fn is_dead(&self, token: &str) -> bool {
        self.inner()
            .tokens
            .get(token)
            .is_none_or(|token| token.dead)
    }

    /// The next request whose path begins with `path` goes wrong.
    pub(crate) fn fail_next(&self, path: &'static str, fault: Fault) {
        self.inner().faults.push_back((path, fault));
    }

    pub(crate) fn limit(&self, per_window: u32, window_secs: u64) {
        let limit = Limit {
            per_window,
            window_secs,
            window: 0,
            used: 0,
            before: Vec::new(),
        };
        self.inner().limit = Some(limit);
    }

    /// Another app uses up what is left of the window.
    pub(crate) fn use_up(&self) {
        if let Some(limit) = &mut self.inner().limit {
            limit.used = limit.per_window;
        }
    }

    /// How much of each window was used that is over, from the first.
    pub(crate) fn windows(&self) -> Vec<u32> {
        let inner = self.inner();
        let windows = inner.limit.iter().flat_map(|limit| &limit.before);
        windows.skip(1).copied().collect()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.inner().seen.clone()
    }

    /// How many requests to a path were answered with this status.
    pub(crate) fn count(&self, path: &str, status: u16) -> usize {
        let inner = self.inner();
        inner
            .seen
            .iter()
            .filter(|seen| seen.path == path && seen.status == status)
            .count()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn exchange(
    State(intercom): State<Intercom>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut inner = intercom.inner();
    if form.get("client_id").map(String::as_str) != Some("client-1")
        || form.get("client_secret").map(String::as_str) != Some("client-secret-1")
    {
        return error(StatusCode::UNAUTHORIZED, "unauthorized", "Invalid Client");
    }
    match form.get("code").and_then(|code| inner.codes.remove(code)) {
        Some(token) => Json(json!({"token_type": "Bearer", "token": token, "access_token": token}))
            .into_response(),
        None => error(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Unauthorized Code",
        ),
    }
}

async fn answer(State(intercom): State<Intercom>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let full = parts
        .uri
        .path_and_query()
        .map_or("", |full| full.as_str())
        .to_owned();
    let fault = intercom.inner().take_fault(&path);
    let response = match fault {
        Some(Fault::Hang) => {
            std::future::pending::<()>().await;
            StatusCode::OK.into_response()
        }
        Some(Fault::BreakOff) => break_off(),
        Some(Fault::Endless) => endless(),
        Some(Fault::Status(status, code)) => {
            error(StatusCode::from_u16(status).unwrap(), code, "as told")
        }
        None => intercom
            .inner()
            .respond(&parts.method, &path, &parts.headers),
    };
    let status = response.status().as_u16();
    let seen = Seen {
        path: full,
        headers: parts.headers,
        status,
    };
    intercom.inner().seen.push(seen);
    response
}

impl Inner {
    fn take_fault(&mut self, path: &str) -> Option<Fault> {
        let at = self
            .faults
            .iter()
            .position(|(begin, _)| path.starts_with(begin))?;
        self.faults.remove(at).map(|(_, fault)| fault)
    }

    fn respond(&mut self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let presented = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let presented = presented.and_then(|value| value.strip_prefix("Bearer "));
        let Some(token) = presented.and_then(|token| self.tokens.get_mut(token)) else {
            return error(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Access Token Invalid",
            );
        };
        if token.dead {
            return error(
                StatusCode::UNAUTHORIZED,
                "token_revoked",
                "Access Token Revoked",
            );
        }
        if path == "/auth/uninstall" {
            token.dead = true;
            return Json(json!({})).into_response();
        }
        let token = token.clone();
        let mut response = match self.limit.as_mut().map(Limit::take) {
            Some((false, _)) => error(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limit_exceeded",
                "Exceeded",
            ),
            _ => permitted(method, path, &token),
        };
        if let Some(limit) = &self.limit {
            let headers = response.headers_mut();
            let left = limit.per_window - limit.used;
            let reset = (limit.window + 1) * limit.window_secs;
            headers.insert("x-ratelimit-limit", limit.per_window.into());
            headers.insert("x-ratelimit-remaining", left.into());
            headers.insert("x-ratelimit-reset", reset.into());
        }
        response
            .headers_mut()
            .insert("x-request-id", "req-1".parse().unwrap());
        response
    }
}

impl Limit {
    fn take(&mut self) -> (bool, u32) {
        #[expect(clippy::disallowed_methods, reason = "Intercom has a clock of its own")]
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        if now / self.window_secs != self.window {
            self.before.push(self.used);
            (self.window, self.used) = (now / self.window_secs, 0);
        }
        let free = self.used < self.per_window;
        self.used += u32::from(free);
        (free, self.used)
    }
}

fn permitted(method: &Method, path: &str, token: &Token) -> Response {
    if token.forbidden.iter().any(|begin| path.starts_with(begin)) {
        return error(
            StatusCode::FORBIDDEN,
            "forbidden",
            "You do not have the required scope",
        );
    }
    match (method.as_str(), path) {
        ("GET", "/me") => Json(json!({"type": "admin", "id": "1", "email": "a@x.example", "app": {
            "type": "app", "id_code": token.workspace, "name": format!("Workspace {}", token.workspace),
            "region": "US", "timezone": "Europe/Berlin"}}))
        .into_response(),
        ("POST", "/conversations/search") => {
            Json(json!({"type": "conversation.list", "conversations": [{"id": "41"}]})).into_response()
        }
        ("GET", "/gone") => (
            StatusCode::GONE,
            [(header::LINK, r#"</contacts/5b>; rel="canonical""#)],
            Json(json!({"type": "error.list", "errors": [{"code": "contact_merged"}]})),
        )
            .into_response(),
        ("GET", "/missing") => error(StatusCode::NOT_FOUND, "not_found", "Not found"),
        ("GET", "/empty") => StatusCode::OK.into_response(),
        ("GET", "/trickle") => {
            let piece = || Ok::<_, Infallible>(Bytes::from(vec![b'x'; 1000]));
            Body::from_stream(stream::iter((0..300).map(move |_| piece()))).into_response()
        }
        ("GET", "/large") => vec![b'x'; 3_000_000].into_response(),
        ("GET" | "POST", _) => Json(json!({"type": "list", "data": []})).into_response(),
        _ => error(StatusCode::NOT_FOUND, "not_found", "Not found"),
    }
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"type": "error.list", "request_id": "err-1",
        "errors": [{"code": code, "message": message}]});
    (status, Json(body)).into_response()
}

fn break_off() -> Response {
    let pieces = futures::stream::iter([
        Ok(Bytes::from_static(b"{\"half\":")),
        Err(std::io::Error::other("gone")),
    ]);
    Body::from_stream(pieces.then(async |piece| {
        tokio::time::sleep(Duration::from_millis(20)).await;
        piece
    }))
    .into_response()
}

fn endless() -> Response {
    let piece = Bytes::from(vec![b'x'; 64 << 10]);
    let pieces = futures::stream::repeat(piece).map(Ok::<_, std::io::Error>);
    Body::from_stream(pieces).into_response()
}
