//! Who is asking.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::ApiError;
use super::version::Version;
use crate::access::{FIXED, Grant, Permission, Permissions};
use crate::app::{App, Shared};
use crate::world::Workspace;

/// An app in a workspace, as its token proves.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) app: Shared,
    /// Whose rate budget is used.
    pub(super) app_name: String,
    workspace: usize,
    permissions: Permissions,
    /// By the token of a private app.
    pub(super) is_private: bool,
    pub(super) version: Version,
}

impl Caller {
    /// Finds out who sends `headers`.
    pub(super) fn of(
        app: &Shared,
        headers: &HeaderMap,
        version: Version,
    ) -> Result<Self, ApiError> {
        let token = token(headers).ok_or_else(ApiError::unauthorized)?;
        let grant = app
            .minter
            .read_token(&token)
            .ok_or_else(ApiError::unauthorized)?;
        let (key, app_name, permissions) = match &grant {
            Grant::Installed(code) => (
                &code.workspace,
                app.config.client_id.clone(),
                Permissions::ALL,
            ),
            Grant::Private(index, key) => (
                key,
                format!("private {}", FIXED[*index].kind),
                FIXED[*index].permissions(),
            ),
        };
        let Some(workspace) = app
            .workspaces
            .iter()
            .position(|workspace| workspace.key == key)
        else {
            return Err(ApiError::unauthorized());
        };
        if is_dead(app, &grant, &token) {
            let code = &app.config.switches.revoked_code;
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                code,
                "Access Token Invalid",
            ));
        }
        let permissions = app
            .register
            .left_of(permissions, app.workspaces[workspace].key);
        Ok(Self {
            app: app.clone(),
            app_name,
            workspace,
            permissions,
            is_private: matches!(grant, Grant::Private(..)),
            version,
        })
    }

    pub(super) fn workspace(&self) -> &Workspace {
        &self.app.workspaces[self.workspace]
    }

    pub(super) fn needs(&self, permission: Permission) -> Result<(), ApiError> {
        self.needs_one_of(&[permission])
    }

    /// Any of `permissions` will do; a refusal names the first.
    pub(super) fn needs_one_of(&self, permissions: &[Permission]) -> Result<(), ApiError> {
        if permissions
            .iter()
            .any(|permission| self.permissions.has(*permission))
        {
            Ok(())
        } else {
            Err(ApiError::lacks(permissions[0]))
        }
    }
}

fn is_dead(app: &App, grant: &Grant, token: &str) -> bool {
    app.register.is_revoked(token)
        || match grant {
            Grant::Installed(code) => app
                .register
                .is_uninstalled(&code.workspace, code.issued_at_ms),
            Grant::Private(index, _) => FIXED[*index].revoked,
        }
}

/// The bearer token, or the user name of old-style Basic credentials.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    Some(credentials.split(':').next()?.to_owned())
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(ApiError::unauthorized)
    }
}
