use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use harken_contracts::wire::{ingress::v1 as edge, vault::v1 as vault};
use harken_domain::{ConnectionId, Role, Secret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::moment;
use super::caller::Caller;
use super::reading::{Sent, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;

/// How notifications of a connection arrive. Numbers may lag by a few seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    connection_id: String,
    /// The address to give to Intercom.
    endpoint_url: String,
    /// Hours of the last day that had any, oldest first.
    hours: Vec<DeliveryHour>,
    /// When Intercom was last heard with a right signature, test requests included.
    last_heard_at: Option<DateTime<Utc>>,
    /// When a notification was last kept.
    last_delivery_at: Option<DateTime<Utc>>,
    /// When one was last refused.
    last_failure_at: Option<DateTime<Utc>>,
    /// `signature`, `no_secret`, `malformed`, `too_large` or `not_kept`.
    last_failure_reason: Option<&'static str>,
    /// When the secret that is being replaced last verified one.
    old_secret_last_used_at: Option<DateTime<Utc>>,
}

/// One hour of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryHour {
    /// Its beginning.
    hour: Option<DateTime<Utc>>,
    /// Kept on the bus at once.
    streamed: u64,
    /// Kept in the database first.
    spooled: u64,
    /// Set aside, as it was nobody's yet.
    quarantined: u64,
    /// Test requests.
    pings: u64,
    refused: u64,
}

/// The webhook secret of an organization's own app, without the secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookSecret {
    connection_id: String,
    /// Whether one is set; without one, notifications come through the deployment's own app.
    is_set: bool,
    set_at: Option<DateTime<Utc>>,
    /// Until when the replaced one is valid too.
    previous_valid_until: Option<DateTime<Utc>>,
}

/// A secret to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSecret {
    /// The app's client secret from Intercom's Developer Hub; sealed on arrival, never shown again.
    secret: String,
    /// How long the replaced one stays valid, in seconds, at most 604800; a day if absent.
    grace_secs: Option<u64>,
}

/// Tells how notifications arrive.
#[utoipa::path(get, path = "/connections/{connection_id}/deliveries", operation_id = "getDeliveries", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The deliveries", body = Deliveries), Problem))]
pub(crate) async fn deliveries(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<Deliveries>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    Ok(Json(caller.asking().deliveries(connection).await?.into()))
}

/// Tells whether a webhook secret is set, and how far its replacement is.
#[utoipa::path(get, path = "/connections/{connection_id}/webhook-secret", operation_id = "getWebhookSecret", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "Its state", body = WebhookSecret), Problem))]
pub(crate) async fn secret(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<WebhookSecret>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let secret = caller.asking().webhook_secret(connection).await?;
    Ok(Json(secret.into()))
}

/// Sets or replaces the webhook secret. Needs the role admin.
#[utoipa::path(put, path = "/connections/{connection_id}/webhook-secret", operation_id = "setWebhookSecret", tag = "connections",
    request_body = NewSecret, params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "Its state", body = WebhookSecret), Problem))]
pub(crate) async fn set(
    caller: Caller,
    Path(connection): Path<String>,
    Sent(sent): Sent<NewSecret>,
) -> Refused<Json<WebhookSecret>> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let secret = Secret::new(sent.secret.trim());
    if secret.expose().is_empty() {
        return Err(Refusal::field("secret", "is empty"));
    }
    let asking = caller.asking();
    let setting = asking.set_webhook_secret(connection, &secret, sent.grace_secs);
    Ok(Json(setting.await?.into()))
}

/// Ends the validity of the replaced secret at once. Needs the role admin.
#[utoipa::path(post, path = "/connections/{connection_id}/webhook-secret/retire", operation_id = "retireWebhookSecret", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "Its state", body = WebhookSecret), Problem))]
pub(crate) async fn retire(
    caller: Caller,
    Path(connection): Path<String>,
) -> Refused<Json<WebhookSecret>> {
    caller.require(Role::Admin)?;
    let connection: ConnectionId = id("connection_id", &connection)?;
    let retired = caller.asking().retire_webhook_secret(connection).await?;
    Ok(Json(retired.into()))
}

impl From<edge::Deliveries> for Deliveries {
    fn from(wire: edge::Deliveries) -> Self {
        let hours = wire.hours.iter().map(|one| DeliveryHour {
            hour: moment(one.hour.as_ref()),
            streamed: one.streamed,
            spooled: one.spooled,
            quarantined: one.quarantined,
            pings: one.pings,
            refused: one.refused,
        });
        Self {
            hours: hours.collect(),
            last_heard_at: moment(wire.last_heard_at.as_ref()),
            last_delivery_at: moment(wire.last_delivery_at.as_ref()),
            last_failure_at: moment(wire.last_failure_at.as_ref()),
            last_failure_reason: reason(wire.last_failure_reason()),
            old_secret_last_used_at: moment(wire.old_secret_last_used_at.as_ref()),
            connection_id: wire.connection_id,
            endpoint_url: wire.endpoint_url,
        }
    }
}

const fn reason(reason: edge::RefusalReason) -> Option<&'static str> {
    Some(match reason {
        edge::RefusalReason::Unspecified => return None,
        edge::RefusalReason::Signature => "signature",
        edge::RefusalReason::NoSecret => "no_secret",
        edge::RefusalReason::Malformed => "malformed",
        edge::RefusalReason::TooLarge => "too_large",
        edge::RefusalReason::NotKept => "not_kept",
    })
}

impl From<vault::WebhookSecret> for WebhookSecret {
    fn from(wire: vault::WebhookSecret) -> Self {
        Self {
            set_at: moment(wire.set_at.as_ref()),
            previous_valid_until: moment(wire.previous_valid_until.as_ref()),
            connection_id: wire.connection_id,
            is_set: wire.is_set,
        }
    }
}
