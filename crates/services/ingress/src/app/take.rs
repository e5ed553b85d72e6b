use std::sync::Arc;

use bytes::Bytes;
use harken_intercom::webhook::{Notification, Topic};
use tokio::time::Instant;

use super::Edge;
use crate::outbound::events::webhook_received;
use crate::outbound::postgres::quarantine::Quarantined;
use crate::rules::address::Address;
use crate::rules::key::{Keys, Signed};
use crate::rules::message_id::message_id;
use crate::rules::outcome::{Outcome, Place, Refusal};
use crate::rules::route::{Keeps, Route};

/// A notification as it came in.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) address: Address,
    /// None if its headers are no signature.
    pub(crate) signed: Option<Signed>,
    pub(crate) body: Bytes,
}

impl Edge {
    /// Verifies a notification, keeps it, and says what became of it. Only then is it answered.
    pub(crate) async fn take(&self, arrived: Arrived) -> Outcome {
        let by = Instant::now() + self.patience.keep;
        let Arrived {
            address,
            signed,
            body,
        } = arrived;
        let Some(keys) = self.keys_of(address).await else {
            return Outcome::Refused(Refusal::NoKeys);
        };
        let Some(by_old_secret) = self.verify(address, &keys, signed, &body).await else {
            let refused = Outcome::Refused(if keys.keys.is_empty() {
                Refusal::NoSecret
            } else {
                Refusal::Signature
            });
            self.tally(keys.route.as_deref(), refused, false);
            return refused;
        };
        let notification = match Notification::read(&body) {
            Ok(notification) => notification,
            Err(unreadable) => {
                let refused = Outcome::Refused(Refusal::Malformed(unreadable));
                self.tally(keys.route.as_deref(), refused, by_old_secret);
                return refused;
            }
        };
        let route = self.route(address, &notification.app_id).await;
        let outcome = if notification.topic == Topic::Ping {
            Outcome::Heard
        } else {
            let kept = self.keep_or_quarantine(address, &notification, &body, route.as_deref(), by);
            kept.await.map_or_else(Outcome::Refused, Outcome::Kept)
        };
        let known = route.as_deref().or(keys.route.as_deref());
        self.tally(known, outcome, by_old_secret);
        outcome
    }

    /// Counts a body that was too large to be read. Whoever sent it, the connection's settings show it.
    pub(crate) async fn note_too_large(&self, address: Address) {
        if let Some(keys) = self.keys_of(address).await {
            let refused = Outcome::Refused(Refusal::TooLarge);
            self.tally(keys.route.as_deref(), refused, false);
        }
    }

    /// Whether a valid key made the signature, and whether it is the one that is being replaced. Keys that do not verify
    /// may be out of date.
    async fn verify(
        &self,
        address: Address,
        keys: &Arc<Keys>,
        signed: Option<Signed>,
        body: &[u8],
    ) -> Option<bool> {
        let signed = signed?;
        let now = self.clock.now();
        if let Some(key) = keys.verify(signed, body, now) {
            return Some(key.is_previous);
        }
        let renewed = self.renewed_keys_of(address).await?;
        renewed.verify(signed, body, now).map(|key| key.is_previous)
    }

    async fn keep_or_quarantine(
        &self,
        address: Address,
        notification: &Notification<'_>,
        body: &Bytes,
        route: Option<&Route>,
        by: Instant,
    ) -> Result<Place, Refusal> {
        let (message_id, received_at) = (message_id(notification), self.clock.now());
        let Some(route) = route else {
            let row = Quarantined {
                message_id,
                address,
                workspace_id: notification.app_id.clone(),
                skeleton: notification.about_no_person(),
                received_at,
            };
            let kept = self.quarantine(row, by).await;
            return kept.then_some(Place::Quarantine).ok_or(Refusal::NotKept);
        };
        let event = match &route.keeps {
            Keeps::Everything => {
                webhook_received::whole(notification, body.clone(), route, received_at)
            }
            Keeps::Structure(key) => {
                // Rather nothing than what was not invited: Intercom sends it again.
                let key = key.as_ref().ok_or(Refusal::NoKeys)?;
                let veiled = Bytes::from(notification.veiled(key));
                let shown = Notification::read(&veiled).map_err(|_| Refusal::NoKeys)?;
                webhook_received::veiled(&shown, veiled.clone(), route, received_at)
            }
        };
        let kept = self.keep(message_id, event, route, by).await;
        kept.ok_or(Refusal::NotKept)
    }
}
