use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use harken_domain::Role;
use http::request::Parts;
use http::{HeaderValue, Method, header};
use serde::Deserialize;

use crate::app::{Gateway, Surroundings, Viewer};
use crate::inbound::http::cookies::Jar;
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::outbound::{Asking, Totals};
use crate::views::banner::Banner;
use crate::views::frame::{Frame, Notice, Pill, Section};

/// A signed-in member who asks for a page.
pub(crate) struct Visit {
    pub(crate) gateway: Gateway,
    pub(crate) viewer: Viewer,
    path: String,
    dismissed: Option<String>,
    notice: Option<Notice>,
}

/// Who asks for a page without being signed in is led to where they can.
pub(crate) enum NoVisit {
    SignInFirst {
        return_to: Option<HeaderValue>,
        stale: Option<HeaderValue>,
    },
    Refused(Refusal),
}

#[derive(Deserialize)]
struct Asked {
    notice: Option<String>,
}

impl FromRequestParts<Gateway> for Visit {
    type Rejection = NoVisit;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, NoVisit> {
        let jar = Jar::new(gateway.is_secure());
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str)
            .to_owned();
        // Only a page can be returned to, and the overview needs no remembering.
        let return_to =
            (parts.method == Method::GET && path != "/").then(|| jar.keep_return_to(&path));
        let Some(session) = jar.session(&parts.headers) else {
            return Err(NoVisit::SignInFirst {
                return_to,
                stale: None,
            });
        };
        let Some(viewer) = gateway.viewer(session).await.map_err(Refusal::from)? else {
            let stale = Some(jar.end_session());
            return Err(NoVisit::SignInFirst { return_to, stale });
        };
        let asked = Query::<Asked>::try_from_uri(&parts.uri).ok();
        let notice = asked.and_then(|Query(asked)| Notice::named(&asked.notice?));
        Ok(Self {
            gateway: gateway.clone(),
            viewer,
            path,
            dismissed: Jar::dismissed(&parts.headers).map(str::to_owned),
            notice,
        })
    }
}

impl Visit {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.gateway.clock.now()
    }

    pub(crate) fn asking(&self) -> Asking {
        self.gateway.ask(self.viewer.acting)
    }

    pub(crate) fn require(&self, needed: Role) -> Refused<()> {
        let own = self.viewer.acting.role;
        if own.allows(needed) {
            Ok(())
        } else {
            Err(Refusal::role(needed, own))
        }
    }

    pub(crate) async fn surroundings(&self) -> Refused<Surroundings> {
        Ok(Surroundings::of(&self.asking(), Totals::LeftOut).await?)
    }

    /// With what each mirror holds, for a page that tells it.
    pub(crate) async fn surroundings_with_totals(&self) -> Refused<Surroundings> {
        Ok(Surroundings::of(&self.asking(), Totals::Told).await?)
    }

    /// What surrounds the content of a page.
    pub(crate) fn frame(&self, section: Section, around: &Surroundings) -> Frame {
        let form_token = self.form_token();
        let run = around
            .run()
            .filter(|run| Some(&run.run_id) != self.dismissed.as_ref());
        Frame {
            organization: self.viewer.organization.clone(),
            person: self.viewer.name.clone(),
            role: self.viewer.acting.role,
            section,
            pill: Some(Pill::of(&around.standings(), around.is_syncing())),
            banner: run.and_then(|run| {
                Banner::new(run, self.now(), form_token.clone(), self.path.clone())
            }),
            notice: self.notice,
            form_token,
            search: String::new(),
        }
    }

    fn form_token(&self) -> String {
        self.gateway
            .form_tokens
            .issue(self.viewer.session.expose(), rand::random())
    }
}

/// An id in an address; what is none names nothing.
pub(crate) fn id<T: FromStr>(text: &str) -> Refused<T> {
    text.parse().map_err(|_| Refusal::not_found())
}

impl From<Refusal> for NoVisit {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Infallible> for NoVisit {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl IntoResponse for NoVisit {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::SignInFirst { return_to, stale } => {
                let mut response = Redirect::to("/sign-in").into_response();
                for cookie in [return_to, stale].into_iter().flatten() {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
                response
            }
        }
    }
}
