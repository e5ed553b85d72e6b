//! HTTPS to Intercom. Only the vault, which has the tokens, comes this way.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use harken_domain::Secret;
use http::{HeaderMap, HeaderValue, header};
use url::Url;

use crate::{
    BudgetHeaders, INTERCOM_VERSION, Method, Request, Response, Transport, TransportError,
};

/// How long Intercom is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the first byte, and for each further one.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(30),
        }
    }
}

/// A client that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client cannot be made")]
pub struct ClientError(#[source] reqwest::Error);

/// A pool of connections to Intercom. Follows no redirects. Clones share it.
#[derive(Clone, Debug)]
pub struct Direct {
    http: reqwest::Client,
}

/// What Intercom answered, its body still on the way.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Intercom's id of the request.
    pub request_id: Option<String>,
    /// Target of the `Link` header with `rel="canonical"`.
    pub canonical_link: Option<String>,
    /// What it says about the rate limit.
    pub budget: BudgetHeaders,
    body: reqwest::Response,
}

impl Direct {
    /// Opens the pool. `through_proxy`: whether the proxy of the environment is used.
    pub fn new(patience: Patience, through_proxy: bool) -> Result<Self, ClientError> {
        // Somebody else in the process may have chosen the same provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(patience.connect)
            .read_timeout(patience.idle)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Harken/", env!("CARGO_PKG_VERSION")));
        if !through_proxy {
            builder = builder.no_proxy();
        }
        builder
            .build()
            .map(|http| Self { http })
            .map_err(ClientError)
    }

    /// Sends one request to `base` and answers as soon as the head is there.
    pub async fn open(
        &self,
        base: &Url,
        token: &Secret,
        request: &Request,
    ) -> Result<Answer, TransportError> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        let mut sending = self
            .http
            .request(method, address(base, &request.path)?)
            .header(header::AUTHORIZATION, bearer(token)?)
            .header(header::ACCEPT, "application/json")
            .header("Intercom-Version", INTERCOM_VERSION);
        if let Some(body) = &request.body {
            sending = sending
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        sending
            .send()
            .await
            .map(Answer::from)
            .map_err(|cause| unreachable(&cause))
    }

    /// A [`Transport`] to one workspace, for tools and tests that hold its token.
    pub fn bound(&self, base: Url, token: Secret) -> Bound {
        let direct = self.clone();
        Bound(Arc::new(Binding {
            direct,
            base,
            token,
        }))
    }

    pub(crate) const fn http(&self) -> &reqwest::Client {
        &self.http
    }
}

impl Answer {
    /// The next piece of the body; none at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        self.body.chunk().await.map_err(|cause| unreachable(&cause))
    }

    /// The whole body, if it has at most `limit_bytes`.
    pub async fn read(mut self, limit_bytes: u64) -> Result<Response, TransportError> {
        let mut body = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            if (body.len() + piece.len()) as u64 > limit_bytes {
                return Err(TransportError::TooLarge { limit_bytes });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response {
            status: self.status,
            request_id: self.request_id,
            canonical_link: self.canonical_link,
            budget_remaining: self.budget.window.map(|window| window.remaining),
            budget_limit: self.budget.window.map(|window| window.limit),
            waited_ms: 0,
            body: body.freeze(),
        })
    }
}

impl From<reqwest::Response> for Answer {
    fn from(body: reqwest::Response) -> Self {
        let headers = body.headers();
        Self {
            status: body.status().as_u16(),
            request_id: text(headers, "x-request-id"),
            canonical_link: text(headers, "link").and_then(|link| canonical(&link)),
            budget: BudgetHeaders::read(headers),
            body,
        }
    }
}

/// [`Direct`] with one token, which it presents and does not show.
#[derive(Clone, Debug)]
pub struct Bound(Arc<Binding>);

#[derive(Debug)]
struct Binding {
    direct: Direct,
    base: Url,
    token: Secret,
}

/// The largest answer that [`Bound`] holds in memory.
const BOUND_LIMIT_BYTES: u64 = 64 << 20;

impl Transport for Bound {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let Binding {
            direct,
            base,
            token,
        } = &*self.0;
        direct
            .open(base, token, &request)
            .await?
            .read(BOUND_LIMIT_BYTES)
            .await
    }
}

/// `path` at `base`, if it stays there.
pub(crate) fn address(base: &Url, path: &str) -> Result<Url, TransportError> {
    let refused = |reason: &str| TransportError::Refused {
        reason: reason.to_owned(),
    };
    if !path.starts_with('/') {
        return Err(refused("a path begins with `/`"));
    }
    let address = Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/')))
        .map_err(|_| refused("the path is malformed"))?;
    if address.origin() != base.origin() || !address.username().is_empty() {
        return Err(refused("the path leads to another host"));
    }
    Ok(address)
}

fn bearer(token: &Secret) -> Result<HeaderValue, TransportError> {
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| TransportError::Refused {
        reason: "the token has characters that no token has".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What failed, in words that hold neither address nor body.
pub(crate) fn unreachable(cause: &reqwest::Error) -> TransportError {
    let reason = if cause.is_timeout() {
        "no answer in time"
    } else if cause.is_connect() {
        "no connection"
    } else if cause.is_body() || cause.is_decode() {
        "the answer broke off"
    } else {
        "the connection broke"
    };
    TransportError::Unreachable {
        reason: reason.to_owned(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty() && value.len() <= 512).then(|| value.to_owned())
}

/// The target of `<target>; rel="canonical"` among the links of a `Link` header.
fn canonical(link: &str) -> Option<String> {
    link.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let canonical = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim().replace('"', "");
            parameter.eq_ignore_ascii_case("rel=canonical")
        });
        canonical.then(|| target.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_canonical_link_is_found_among_others() {
        for (link, target) in [
            (r#"</contacts/5b>; rel="canonical""#, Some("/contacts/5b")),
            ("</a>; rel=next, </b>; title=x; rel=canonical", Some("/b")),
            ("</a>; rel=next", None),
            ("", None),
        ] {
            assert_eq!(canonical(link).as_deref(), target, "{link}");
        }
    }

    #[test]
    fn a_path_cannot_lead_to_another_host() {
        let base = Url::parse("https://api.intercom.io").unwrap();
        assert_eq!(
            address(&base, "/contacts?per_page=1").unwrap().as_str(),
            "https://api.intercom.io/contacts?per_page=1"
        );
        for path in [
            "@evil.example/",
            ".evil.example/",
            ":99/",
            "",
            "contacts",
            "https://evil",
        ] {
            assert!(address(&base, path).is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_path_stays_at_its_base_or_is_refused(path: String) {
            let base = Url::parse("https://api.eu.intercom.io").unwrap();
            if let Ok(url) = address(&base, &path) {
                prop_assert_eq!(url.host_str(), Some("api.eu.intercom.io"));
                prop_assert_eq!(url.port_or_known_default(), Some(443));
            }
        }
    }
}
