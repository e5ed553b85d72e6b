//! What every API request passes: counting, faults, who asks, and the rate limit.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;

use super::answer::{ApiError, error_list};
use super::caller::Caller;
use super::version::Version;
use crate::app::{App, Shared};
use crate::faults::Harm;
use crate::limits::Allowance;
use crate::server::Severed;

pub(super) async fn guard(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let arrived_at_ms = app.now_ms();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let endpoint = format!("{} {route}", request.method());
    let request_id = app.request_id();
    let harm = app
        .faults
        .strike(request.method().as_str(), request.uri().path());
    let harmed = match harm {
        Some(harm) => harmed(harm, &request_id).await,
        None => None,
    };
    let mut response = match harmed {
        Some(response) => response,
        None => match admit(&app, request.headers(), arrived_at_ms) {
            Ok((caller, allowance)) => {
                request.extensions_mut().insert(caller);
                let latency = latency(&app, endpoint.ends_with("/search"));
                if !latency.is_zero() {
                    tokio::time::sleep(latency).await;
                }
                let mut response = next.run(request).await;
                for (name, value) in announced(&allowance) {
                    response.headers_mut().insert(name, value.into());
                }
                response
            }
            Err(error) => error.into_response(),
        },
    };
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let headers = std::mem::take(response.headers_mut());
        response = error_list(&error, &request_id);
        response.headers_mut().extend(headers);
    }
    app.stats
        .count(&endpoint, response.status().as_u16(), arrived_at_ms);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// A method the path does not know; answered as an unknown path.
pub(super) async fn unknown_method() -> ApiError {
    ApiError::not_found("Resource Not Found")
}

pub(crate) async fn unknown_path(State(app): State<Shared>) -> Response {
    error_list(
        &ApiError::not_found("Resource Not Found"),
        &app.request_id(),
    )
}

fn latency(app: &App, search: bool) -> Duration {
    let more = if search {
        app.config.search_latency_ms
    } else {
        0
    };
    Duration::from_millis(app.config.latency_ms + more)
}

/// The answer a harm makes; none when the request goes on after a delay.
pub(crate) async fn harmed(harm: Harm, request_id: &str) -> Option<Response> {
    let json =
        |body: Body| ([("content-type", "application/json; charset=utf-8")], body).into_response();
    Some(match harm {
        Harm::Status {
            status,
            code,
            message,
            retry_after_secs,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let code = code.unwrap_or_else(|| usual_code(status).to_owned());
            let mut error = ApiError::new(status, &code, message.unwrap_or_else(|| code.clone()));
            if let Some(seconds) = retry_after_secs {
                error = error.with(RETRY_AFTER, &seconds.to_string());
            }
            error_list(&error, request_id)
        }
        Harm::Delay { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            return None;
        }
        Harm::Hang => std::future::pending().await,
        Harm::EmptyBody => json(Body::empty()),
        Harm::BrokenJson => json(Body::from("{\"type\":\"list\",\"data\":[{\"type\":")),
        Harm::ErrorWithOk => {
            let mut response = error_list(&ApiError::unauthorized(), request_id);
            *response.status_mut() = StatusCode::OK;
            response
        }
        Harm::HugeBody { bytes } => json(huge(bytes)),
        Harm::Close => {
            let mut response = ().into_response();
            response.extensions_mut().insert(Severed);
            response
        }
        Harm::CloseMidway => json(broken_off()),
    })
}

/// Begins a list and breaks off, late enough for the beginning to be sent.
fn broken_off() -> Body {
    let start = futures::stream::iter([Ok(Bytes::from_static(b"{\"type\":\"list\",\"data\":["))]);
    let cut = futures::stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    Body::from_stream(start.chain(cut))
}

fn huge(bytes: u64) -> Body {
    const CHUNK: u64 = 64 * 1024;
    let spaces = Bytes::from(vec![b' '; 64 * 1024]);
    let chunks = (0..bytes.div_ceil(CHUNK)).map(move |index| {
        let left = usize::try_from((bytes - index * CHUNK).min(CHUNK)).unwrap_or(0);
        Ok::<_, std::io::Error>(spaces.slice(..left))
    });
    Body::from_stream(futures::stream::iter(chunks))
}

fn usual_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        429 => "rate_limit_exceeded",
        503 => "service_unavailable",
        500.. => "server_error",
        _ => "parameter_invalid",
    }
}

fn admit(app: &Shared, headers: &HeaderMap, now_ms: i64) -> Result<(Caller, Allowance), ApiError> {
    acceptable(app, headers)?;
    let version = Version::of(headers, &app.config.default_version)?;
    let caller = Caller::of(app, headers, version)?;
    let now = now_ms.div_euclid(1000);
    let allowance = app
        .limits
        .take(&caller.app_name, caller.workspace().key, now);
    if allowance.allowed {
        return Ok((caller, allowance));
    }
    let message = format!("Exceeded rate limit of {} in 10_seconds", allowance.limit);
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limit_exceeded",
        message,
    );
    for (name, value) in announced(&allowance) {
        error = error.with(name, &value.to_string());
    }
    if app.config.switches.retry_after {
        error = error.with(RETRY_AFTER, &(allowance.reset_at - now).to_string());
    }
    Err(error)
}

fn acceptable(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let fits = match headers.get(ACCEPT).map(HeaderValue::to_str) {
        None => !app.config.switches.accept_required,
        Some(accept) => accept.is_ok_and(|accept| {
            ["*/*", "application/*", "application/json"]
                .iter()
                .any(|fit| accept.contains(fit))
        }),
    };
    if fits {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::NOT_ACCEPTABLE,
        "unsupported",
        "Accept must allow application/json",
    ))
}

/// What the headers of every authenticated answer say.
fn announced(allowance: &Allowance) -> [(HeaderName, u64); 3] {
    [
        (
            HeaderName::from_static("x-ratelimit-limit"),
            allowance.limit,
        ),
        (
            HeaderName::from_static("x-ratelimit-remaining"),
            allowance.remaining,
        ),
        (
            HeaderName::from_static("x-ratelimit-reset"),
            allowance.reset_at.unsigned_abs(),
        ),
    ]
}
