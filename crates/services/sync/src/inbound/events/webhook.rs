use harken_bus::{Delivery, Disposition, Handler};
use harken_contracts::{convert::datetime, wire::events::v1::WebhookReceived};

use crate::app::{
    Sync,
    live::{Heard, Taken},
};

/// Takes in what Intercom told.
#[derive(Debug)]
pub(crate) struct NotificationReceived {
    sync: Sync,
}

impl NotificationReceived {
    pub(crate) fn new(sync: Sync) -> Self {
        Self { sync }
    }
}

impl Handler for NotificationReceived {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut heard = Vec::with_capacity(batch.len());
        let mut refused = Vec::with_capacity(batch.len());
        for message in batch {
            match message.decode::<WebhookReceived>() {
                Ok(event) => {
                    heard.push(read(message, event));
                    refused.push(None);
                }
                Err(cause) => refused.push(Some(Disposition::from(cause))),
            }
        }
        let mut taken = match self.sync.take_notifications(&heard).await {
            Ok(taken) => taken.into_iter(),
            Err(cause) => {
                return refused
                    .into_iter()
                    .map(|refused| refused.unwrap_or_else(|| Disposition::again(&cause)))
                    .collect();
            }
        };
        refused
            .into_iter()
            .map(|refused| refused.unwrap_or_else(|| disposition(taken.next())))
            .collect()
    }
}

fn disposition(taken: Option<Taken>) -> Disposition {
    match taken {
        Some(Taken::Done) | None => Disposition::Done,
        // The opening of the connection is still on its way.
        Some(Taken::TooEarly) => Disposition::again("the connection is not known yet"),
        Some(Taken::Hopeless { reason, error }) => Disposition::dead(reason, error),
    }
}

/// What a message and the event in it say.
pub(super) fn read(message: &Delivery, event: WebhookReceived) -> Heard {
    Heard {
        message_id: message.message_id.clone(),
        connection: message.connection,
        organization: message.organization,
        received_at: event
            .received_at
            .as_ref()
            .and_then(|at| datetime(at).ok())
            .unwrap_or_default(),
        notification_id: event.notification_id,
        topic: event.topic,
        ids_only: event.ids_only,
        veiled: event.veiled,
        body: event.body,
    }
}
