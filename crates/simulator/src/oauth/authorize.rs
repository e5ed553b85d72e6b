//! Where a teammate allows or refuses an app.

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use url::Url;

use super::page::{Choice, Consent, Refused, page};
use crate::access::{Code, Permission};
use crate::app::{App, Shared};
use crate::http::harmed;
use crate::story::staff::ADMINS;

/// What the app sends the browser with; everything else is ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    state: String,
}

/// What the consent page's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Decided {
    #[serde(flatten)]
    asked: Asked,
    #[serde(default)]
    workspace: String,
    decision: Decision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Allow,
    Cancel,
}

pub(super) async fn show(State(app): State<Shared>, Query(asked): Query<Asked>) -> Response {
    if let Some(harm) = app.faults.strike("GET", "/oauth")
        && let Some(response) = harmed(harm, &app.request_id()).await
    {
        return response;
    }
    let redirect = match redirect(&app, &asked) {
        Ok(redirect) => redirect,
        Err(refused) => return *refused,
    };
    let workspaces = app.workspaces.iter().map(|workspace| Choice {
        key: workspace.key,
        id: workspace.id,
        name: workspace.name,
        initial: workspace.name.chars().next().unwrap_or('?'),
        contacts: workspace.story.premise().contacts,
        conversations: workspace.story.premise().conversations,
        chosen: workspace.key == "demo",
    });
    let consent = Consent {
        app_name: "Harken",
        client_id: &asked.client_id,
        redirect_uri: redirect.as_str(),
        redirect_host: redirect.host_str().unwrap_or(""),
        state: &asked.state,
        admin: ADMINS[0].name,
        workspaces: workspaces.collect(),
        permissions: Permission::ALL
            .iter()
            .map(|permission| permission.title())
            .collect(),
    };
    page(StatusCode::OK, &consent)
}

pub(super) async fn decide(State(app): State<Shared>, Form(decided): Form<Decided>) -> Response {
    let mut redirect = match redirect(&app, &decided.asked) {
        Ok(redirect) => redirect,
        Err(refused) => return *refused,
    };
    {
        let mut query = redirect.query_pairs_mut();
        match (decided.decision, app.workspace(&decided.workspace)) {
            (Decision::Allow, Some(workspace)) => {
                let issued_at_ms = app.now_ms();
                let nonce = app.nonce();
                let code = Code {
                    workspace: workspace.key.to_owned(),
                    issued_at_ms,
                    nonce,
                };
                query.append_pair("code", &app.minter.code(&code));
                if app.register.install(workspace.key).is_err() {
                    return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                }
            }
            (Decision::Allow, None) => {
                return refused(
                    "Choose a workspace",
                    "This workspace does not exist.",
                    &decided.workspace,
                );
            }
            (Decision::Cancel, _) if app.config.switches.denial_names_error => {
                query.append_pair("error", "access_denied");
            }
            (Decision::Cancel, _) => {}
        }
        query.append_pair("state", &decided.asked.state);
    }
    Redirect::to(redirect.as_str()).into_response()
}

/// The registered URL asked for, or the first one when none is.
fn redirect(app: &App, asked: &Asked) -> Result<Url, Box<Response>> {
    if asked.client_id != app.config.client_id {
        let reason =
            "No app with this client ID exists. Check the client ID in the app's settings.";
        return Err(Box::new(refused(
            "Unknown app (invalid_client)",
            reason,
            &asked.client_id,
        )));
    }
    let registered = &app.config.redirect_uris;
    let chosen = match asked.redirect_uri.as_str() {
        "" => registered.first(),
        wanted => registered.iter().find(|uri| *uri == wanted),
    };
    let url = chosen.and_then(|uri| Url::parse(uri).ok());
    url.ok_or_else(|| {
        let reason = "This redirect URL is not registered for the app. Add it, letter by letter, to \
                      the redirect URLs in the app's settings.";
        let title = "Redirect URL mismatch (redirect_uri_mismatch)";
        Box::new(refused(title, reason, &asked.redirect_uri))
    })
}

fn refused(title: &str, reason: &str, sent: &str) -> Response {
    page(
        StatusCode::BAD_REQUEST,
        &Refused {
            title,
            reason,
            sent,
        },
    )
}
