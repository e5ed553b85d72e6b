use axum::extract::Path;
use axum::response::Response;
use harken_contracts::wire::vault::v1::ConnectionMethod;
use harken_domain::{ConnectionId, Role, Secret};
use serde::Deserialize;
use tonic::Code;

use super::form::{Button, Posted};
use super::visit::{Visit, id};
use super::{done, page};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::views::connection_head::{ConnectionHead, Tab};
use crate::views::frame::{Notice, Section};
use crate::views::webhooks::secret::SecretCard;
use crate::views::webhooks::topics::Topics;
use crate::views::webhooks::{Applied, Arriving, WebhooksPage, Workspace};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    secret: String,
    /// Empty where there is no old one.
    #[serde(default)]
    grace_secs: String,
}

pub(crate) async fn show(visit: Visit, Path(connection): Path<String>) -> Refused<Response> {
    settings(&visit, id(&connection)?, None).await
}

/// Sets the secret, or replaces it. What was typed is in no answer.
pub(crate) async fn set_secret(
    Path(connection): Path<String>,
    posted: Posted<Form>,
) -> Refused<Response> {
    let Posted { visit, form } = posted;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    let grace = Some(form.grace_secs.as_str()).filter(|secs| !secs.is_empty());
    let grace = grace
        .map(str::parse)
        .transpose()
        .map_err(|_| Refusal::field("grace_secs", "is no number of seconds"))?;
    let secret = Secret::new(form.secret.trim());
    match visit
        .asking()
        .set_webhook_secret(connection, &secret, grace)
        .await
    {
        Ok(_) => Ok(done(&path(connection), Notice::SecretSet)),
        Err(refused) if refused.code() == Code::InvalidArgument => {
            let problem = Refusal::from(refused).into_grounds().why;
            settings(&visit, connection, Some(problem)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// Ends the grace of the secret that was replaced.
pub(crate) async fn retire(
    Path(connection): Path<String>,
    posted: Posted<Button>,
) -> Refused<Response> {
    let visit = posted.visit;
    visit.require(Role::Admin)?;
    let connection: ConnectionId = id(&connection)?;
    visit.asking().retire_webhook_secret(connection).await?;
    Ok(done(&path(connection), Notice::SecretRetired))
}

fn path(connection: ConnectionId) -> String {
    format!("/settings/integrations/{connection}")
}

/// Each part of the page stands on its own: what does not answer says so.
async fn settings(
    visit: &Visit,
    connection: ConnectionId,
    problem: Option<String>,
) -> Refused<Response> {
    let (asking, now) = (visit.asking(), visit.now());
    let (around, found, deliveries, secret, topics, live) = tokio::join!(
        visit.surroundings(),
        asking.connection(connection),
        asking.deliveries(connection),
        asking.webhook_secret(connection),
        asking.topics(),
        asking.live(connection)
    );
    let (around, found) = (around?, found?);
    let deliveries = deliveries
        .inspect_err(|cause| tracing::debug!(error = %cause, "the edge does not answer"))
        .ok();
    page(&WebhooksPage {
        frame: visit.frame(Section::Integrations, &around),
        head: (found.method() != ConnectionMethod::Synthetic)
            .then(|| ConnectionHead::new(Tab::Webhooks, &found, &around)),
        workspace: Workspace::new(&found),
        arriving: deliveries.as_ref().map(|one| Arriving::new(one, now)),
        secret: secret
            .ok()
            .map(|secret| SecretCard::new(&secret, deliveries.as_ref(), now)),
        topics: topics.ok().map(Topics::new),
        applied: live.ok().map(|live| Applied::new(&live, now)),
        problem,
    })
}
