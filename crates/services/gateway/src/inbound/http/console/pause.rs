use axum::extract::Path;
use axum::response::Response;
use harken_domain::{ConnectionId, Role};
use serde::Deserialize;

use super::done;
use super::form::Posted;
use super::visit::id;
use crate::inbound::http::refusal::Refused;
use crate::rules::return_path;
use crate::views::frame::Notice;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// The page where the button stands; the integrations if empty.
    #[serde(default)]
    return_to: String,
}

/// Lets syncing stand still until it is resumed.
pub(crate) async fn pause(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    posted.visit.require(Role::Member)?;
    let connection: ConnectionId = id(&connection)?;
    posted.visit.asking().pause_sync(connection).await?;
    Ok(done(&back(&posted.form), Notice::Paused))
}

/// Lets syncing go on from where it stood.
pub(crate) async fn resume(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    posted.visit.require(Role::Member)?;
    let connection: ConnectionId = id(&connection)?;
    posted.visit.asking().resume_sync(connection).await?;
    Ok(done(&back(&posted.form), Notice::Resumed))
}

/// The path to return to, without what it asked for.
fn back(form: &Form) -> String {
    let path = if form.return_to.is_empty() {
        "/integrations"
    } else {
        return_path::within_console(&form.return_to)
    };
    path.split(['?', '#']).next().unwrap_or(path).to_owned()
}
