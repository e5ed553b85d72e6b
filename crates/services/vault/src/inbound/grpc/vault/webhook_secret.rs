use harken_contracts::convert::timestamp;
use harken_contracts::wire::vault::v1::{
    GetWebhookSecretRequest, RetireWebhookSecretRequest, SetWebhookSecretRequest, WebhookSecret,
};
use harken_domain::{ConnectionId, Role};
use harken_runtime::status;
use tonic::{Request, Status};

use super::super::acting::Acting;
use super::super::{fields, status as answer};
use crate::app::Vault;
use crate::outbound::postgres::webhook_secrets::Standing;
use crate::rules::webhook_secret::Grace;

pub(super) async fn get(
    vault: &Vault,
    request: Request<GetWebhookSecretRequest>,
) -> Result<WebhookSecret, Status> {
    let acting = Acting::of(&request, Role::Viewer)?;
    let id = fields::id("connection_id", &request.get_ref().connection_id)?;
    let standing = vault.webhook_secret(acting.organization, id).await;
    standing
        .map(|standing| wire(id, standing))
        .map_err(answer::webhook_secret)
}

pub(super) async fn set(
    vault: &Vault,
    request: Request<SetWebhookSecretRequest>,
) -> Result<WebhookSecret, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let asked = request.into_inner();
    let secret = fields::webhook_secret("secret", asked.secret)?;
    let id = fields::id("connection_id", &asked.connection_id)?;
    let grace = Grace::of_secs(asked.grace_secs)
        .map_err(|error| status::invalid_argument("grace_secs", error.to_string()))?;
    vault
        .set_webhook_secret(acting.organization, id, &secret, grace, &acting.actor)
        .await
        .map(|standing| wire(id, Some(standing)))
        .map_err(answer::webhook_secret)
}

pub(super) async fn retire(
    vault: &Vault,
    request: Request<RetireWebhookSecretRequest>,
) -> Result<WebhookSecret, Status> {
    let acting = Acting::of(&request, Role::Admin)?;
    let id = fields::id("connection_id", &request.get_ref().connection_id)?;
    vault
        .retire_webhook_secret(acting.organization, id, &acting.actor)
        .await
        .map(|standing| wire(id, standing))
        .map_err(answer::webhook_secret)
}

fn wire(id: ConnectionId, standing: Option<Standing>) -> WebhookSecret {
    let previous = standing.and_then(|standing| standing.previous_valid_until);
    WebhookSecret {
        connection_id: id.to_string(),
        is_set: standing.is_some(),
        set_at: standing.map(|standing| timestamp(standing.set_at)),
        previous_valid_until: previous.map(timestamp),
    }
}
