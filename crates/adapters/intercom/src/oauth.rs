//! Trading a code for a token, and giving the token back.

use harken_domain::Secret;
use http::{StatusCode, header};
use serde::Deserialize;
use url::Url;

use crate::direct::{address, unreachable};
use crate::{Direct, ErrorList, TransportError};

/// The largest answer of Intercom's token endpoint that is read.
const LIMIT_BYTES: u64 = 64 << 10;

/// Who we are to Intercom: an app of its Developer Hub.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    /// Public id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// Why a code was not traded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// Intercom does not know the client, or not by this secret.
    #[error("Intercom does not accept the client id or its secret")]
    WrongClient,
    /// The redirect URL is not one that the app has registered.
    #[error("Intercom does not accept the redirect URL")]
    RedirectMismatch,
    /// The code is used up, too old, or changed on its way.
    #[error("Intercom refused the code with status {status}")]
    CodeRefused {
        /// HTTP status.
        status: u16,
    },
    /// No answer, or none that makes sense. A new attempt may succeed.
    #[error("the code could not be traded")]
    Unreachable(#[source] TransportError),
}

/// The token endpoint's good answer; `token` and `access_token` are the same.
#[derive(Deserialize)]
struct Granted {
    access_token: Option<WireSecret>,
    token: Option<WireSecret>,
}

#[derive(Deserialize)]
#[serde(from = "String")]
struct WireSecret(Secret);

impl From<String> for WireSecret {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl Direct {
    /// Trades `code` for an access token. Sent once: a code is worth one try.
    ///
    /// Not RFC 6749: the answer has no expiry or scope, and errors are `error.list`, which OAuth clients cannot read.
    pub async fn exchange_code(
        &self,
        base: &Url,
        app: &OAuthApp,
        code: &str,
        redirect_uri: &str,
    ) -> Result<Secret, ExchangeError> {
        let address = address(base, "/auth/eagle/token").map_err(ExchangeError::Unreachable)?;
        let form = [
            ("code", code),
            ("client_id", &app.client_id),
            ("client_secret", app.client_secret.expose()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
        ];
        let sending = self
            .http()
            .post(address)
            .header(header::ACCEPT, "application/json");
        let answer = sending
            .form(&form)
            .send()
            .await
            .map_err(|cause| ExchangeError::Unreachable(unreachable(&cause)))?;
        let answer = crate::direct::Answer::from(answer);
        let answer = answer
            .read(LIMIT_BYTES)
            .await
            .map_err(ExchangeError::Unreachable)?;
        if answer.status != StatusCode::OK {
            return Err(refusal(answer.status, &answer.body));
        }
        let granted: Option<Granted> = serde_json::from_slice(&answer.body).ok();
        let token = granted.and_then(|granted| granted.access_token.or(granted.token));
        token
            .map(|token| token.0)
            .filter(|token| !token.expose().is_empty())
            .ok_or_else(|| {
                ExchangeError::Unreachable(TransportError::Unavailable {
                    reason: "its answer holds no token".to_owned(),
                })
            })
    }

    /// Uninstalls the app from the token's workspace, which kills the token. A token already dead counts as done.
    pub async fn uninstall(&self, base: &Url, token: &Secret) -> Result<(), TransportError> {
        let request = crate::Request {
            method: crate::Method::Post,
            path: "/auth/uninstall".to_owned(),
            body: Some(bytes::Bytes::from_static(b"{}")),
            priority: crate::Priority::Backfill,
        };
        match self.open(base, token, &request).await?.status {
            200..=299 | 401 => Ok(()),
            status => Err(TransportError::Unavailable {
                reason: format!("it answered {status}"),
            }),
        }
    }
}

/// Reads a refusal. Intercom's words for a wrong client are undocumented, so its codes and messages are searched.
fn refusal(status: u16, body: &[u8]) -> ExchangeError {
    if status == 429 || status >= 500 {
        let reason = format!("it answered {status}");
        return ExchangeError::Unreachable(TransportError::Unavailable { reason });
    }
    let list = ErrorList::parse(body).unwrap_or_default();
    let words = format!("{} {}", list.code(), list.message()).to_ascii_lowercase();
    if words.contains("client") && !words.contains("client_error") {
        ExchangeError::WrongClient
    } else if words.contains("redirect") {
        ExchangeError::RedirectMismatch
    } else {
        ExchangeError::CodeRefused { status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(code: &str, message: &str) -> String {
        format!(r#"{{"type":"error.list","errors":[{{"code":"{code}","message":"{message}"}}]}}"#)
    }

    #[test]
    fn refusals_are_told_apart() {
        let refused = ExchangeError::CodeRefused { status: 401 };
        for (body, expected) in [
            (list("unauthorized", "Unauthorized Code"), refused.clone()),
            (list("server_error", "Server Error"), refused.clone()),
            (list("invalid_client", ""), ExchangeError::WrongClient),
            (
                list("unauthorized", "Unknown client_id"),
                ExchangeError::WrongClient,
            ),
            (
                list("parameter_invalid", "redirect_uri mismatch"),
                ExchangeError::RedirectMismatch,
            ),
            ("<html>".to_owned(), refused),
        ] {
            assert_eq!(refusal(401, body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_server_in_trouble_says_nothing_about_the_code() {
        assert!(matches!(refusal(503, b""), ExchangeError::Unreachable(_)));
        assert!(matches!(refusal(429, b""), ExchangeError::Unreachable(_)));
    }
}
