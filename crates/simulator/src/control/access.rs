use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::{Asked, Refused, not_found};
use crate::access::{Grant, Permission};
use crate::app::Shared;

/// One token, or everything the app was given in a workspace.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revocation {
    token: Option<String>,
    workspace: Option<String>,
}

pub(super) async fn revoke(
    State(app): State<Shared>,
    Asked(revocation): Asked<Revocation>,
) -> Result<StatusCode, Refused> {
    if let Some(token) = &revocation.token {
        app.register.revoke(token)?;
        match app.minter.read_token(token) {
            Some(Grant::Private(_, workspace)) => app.register.drop_private(&workspace)?,
            Some(Grant::Installed(code)) => {
                if let Some(workspace) = app.workspace(&code.workspace) {
                    app.register.remove_app(workspace.key)?;
                    app.webhooks.uninstalled(workspace);
                }
            }
            None => {}
        }
    }
    if let Some(name) = &revocation.workspace {
        let workspace = app.workspace(name).ok_or_else(|| not_found("workspace"))?;
        app.uninstall(workspace)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    workspace: String,
    permission: Permission,
}

pub(super) async fn remove(
    State(app): State<Shared>,
    Asked(changed): Asked<Changed>,
) -> Result<StatusCode, Refused> {
    change(&app, &changed, true)
}

pub(super) async fn restore(
    State(app): State<Shared>,
    Asked(changed): Asked<Changed>,
) -> Result<StatusCode, Refused> {
    change(&app, &changed, false)
}

fn change(app: &Shared, changed: &Changed, gone: bool) -> Result<StatusCode, Refused> {
    let workspace = app
        .workspace(&changed.workspace)
        .ok_or_else(|| not_found("workspace"))?;
    app.register
        .remove(workspace.key, changed.permission, gone)?;
    Ok(StatusCode::NO_CONTENT)
}
