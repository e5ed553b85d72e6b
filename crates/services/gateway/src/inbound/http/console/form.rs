use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::de::value::{Error, MapDeserializer};
use url::form_urlencoded;

use super::visit::{NoVisit, Visit};
use crate::app::Gateway;
use crate::inbound::http::refusal::Refusal;

/// A form that a signed-in member sent from a page that was made for them.
pub(crate) struct Posted<T> {
    pub(crate) visit: Visit,
    pub(crate) form: T,
}

/// Why a form is not taken.
pub(crate) enum NotTaken {
    NoVisit(NoVisit),
    Response(Response),
}

impl<T: DeserializeOwned> FromRequest<Gateway> for Posted<T> {
    type Rejection = NotTaken;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, NotTaken> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, gateway)
            .await
            .map_err(NotTaken::NoVisit)?;
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, gateway).await;
        let body = body.map_err(|refused| NotTaken::Response(refused.into_response()))?;
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let token = pairs
            .iter()
            .position(|(name, _)| name == "form_token")
            .map(|at| pairs.swap_remove(at).1);
        let session = visit.viewer.session.expose();
        if !token.is_some_and(|token| gateway.form_tokens.holds(session, &token)) {
            return Err(Refusal::foreign_form().into());
        }
        let form = T::deserialize(MapDeserializer::<_, Error>::new(pairs.into_iter()));
        let form = form.map_err(|cause| Refusal::field("form", cause.to_string()))?;
        Ok(Self { visit, form })
    }
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        Self::Response(refusal.into_response())
    }
}

impl IntoResponse for NotTaken {
    fn into_response(self) -> Response {
        match self {
            Self::NoVisit(no_visit) => no_visit.into_response(),
            Self::Response(response) => response,
        }
    }
}

/// A form of nothing but its button.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Button {}
