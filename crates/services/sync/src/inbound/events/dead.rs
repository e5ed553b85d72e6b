use harken_bus::{Delivery, Disposition, Handler, headers};
use harken_contracts::wire::events::v1::WebhookReceived;

use super::webhook;
use crate::{
    app::{Sync, live},
    outbound::postgres::is_refusal,
};

/// Takes in which notifications were given up, whoever did: sync itself, or the bus because sync panicked, hung or never
/// answered. They are few: a transaction each.
#[derive(Debug)]
pub(crate) struct NotificationGivenUp {
    sync: Sync,
}

impl NotificationGivenUp {
    pub(crate) fn new(sync: Sync) -> Self {
        Self { sync }
    }

    async fn take(&self, letter: &Delivery) -> Disposition {
        let Ok(event) = letter.decode::<WebhookReceived>() else {
            return Disposition::Done;
        };
        match self.sync.take_given_up(&webhook::read(letter, event)).await {
            Err(cause) if !is_refusal(&cause) => Disposition::again(cause),
            Err(cause) => {
                tracing::warn!(error = %cause, "a dead letter was not written down");
                Disposition::Done
            }
            Ok(()) => Disposition::Done,
        }
    }
}

/// Whether it is a letter of the consumer of notifications: others are not read, least of all those of this reader.
fn is_ours(letter: &Delivery) -> bool {
    let consumer = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case(headers::DEAD_CONSUMER) && value == live::CONSUMER
    };
    letter.headers.iter().any(consumer)
}

impl Handler for NotificationGivenUp {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut dispositions = Vec::with_capacity(batch.len());
        for letter in batch {
            dispositions.push(if is_ours(letter) {
                self.take(letter).await
            } else {
                Disposition::Done
            });
        }
        dispositions
    }
}
