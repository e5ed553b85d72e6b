//! Headers that keep browsers from doing what the console never asks of them.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use crate::app::Gateway;

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub(crate) async fn guarded(
    State(gateway): State<Gateway>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(
        PERMISSIONS,
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    );
    set(OPENER, "same-origin");
    set(RESOURCE, "same-origin");
    if gateway.is_secure() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if let Ok(policy) = HeaderValue::try_from(content_policy(&gateway.consent_origins)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Pages show one organization's data; assets and streams say for themselves how long they keep.
    let private = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(private);
    response
}

/// Nothing inline, nothing foreign. *Connect* posts a form that is redirected to Intercom, which browsers count as the
/// form's action.
fn content_policy(consent_origins: &[String]) -> String {
    format!(
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {}",
        consent_origins.join(" ")
    )
}
