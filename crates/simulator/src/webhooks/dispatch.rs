//! Sends what is due and sees to what comes of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Webhooks;
use super::ledger::{Attempt, Outcome};
use super::post::Reply;
use super::queue::{Delivery, Job};
use super::rules::{Answer, THROTTLED_TOO_LONG, Verdict};
use super::settings::WebhookSettings;
use super::subscription::{Standing, Subscription};
use crate::app::Shared;

/// Between two questions to the endpoint given at the start that has not answered yet.
const ASK_AGAIN: Duration = Duration::from_millis(500);

impl Webhooks {
    /// Sends until it is dropped.
    pub(crate) async fn run(app: Shared) {
        let mut tasks = JoinSet::new();
        for _ in 0..app.webhooks.app.settings().senders.max(1) {
            let app = app.clone();
            tasks.spawn(async move {
                loop {
                    let job = app.webhooks.queue.next().await;
                    app.webhooks.handle(job).await;
                }
            });
        }
        tasks.spawn(ask_until_live(app.clone()));
        tasks.spawn(keep_pinging(app));
        while tasks.join_next().await.is_some() {}
    }

    /// Takes new settings. A new endpoint is asked first; without 2xx it is refused.
    pub(crate) async fn set_up(
        &self,
        subscription: &Subscription,
        settings: WebhookSettings,
        ask: bool,
    ) -> Standing {
        if !ask {
            subscription.set(settings, None);
            return subscription.standing();
        }
        let standing = match &settings.url {
            None => Standing::Unset,
            Some(url) => {
                let reply = self.post.head(url).await;
                match reply.status.map(Answer::of) {
                    Some(Answer::Accepted) => Standing::Live,
                    _ => Standing::Refused {
                        reason: format!("HEAD was answered with {}", reply.told()),
                    },
                }
            }
        };
        subscription.set(settings, Some(standing));
        subscription.standing()
    }

    async fn handle(&self, job: Job) {
        match job {
            Job::Notify(delivery) => self.deliver(delivery).await,
            Job::Uninstalled {
                workspace,
                entry,
                url,
                body,
                secret,
            } => {
                let sent_at = self.clock.now();
                let reply = self
                    .post
                    .send_signed(&url, secret.as_deref(), body.into_bytes())
                    .await;
                let accepted = reply.status.map(Answer::of) == Some(Answer::Accepted);
                let outcome = if accepted {
                    Outcome::Delivered
                } else {
                    Outcome::Failed
                };
                let attempt = Attempt::new(sent_at, None, &reply);
                self.ledger.add(workspace, entry, attempt, Some(outcome));
            }
        }
    }

    async fn deliver(&self, mut delivery: Delivery) {
        let subscription = delivery.subscription.clone();
        let (workspace, entry) = (delivery.workspace, delivery.entry);
        let now_ms = self.now_ms();
        if subscription.is_disabled() {
            let reason = "the endpoint answered 410";
            return self.ledger.close(workspace, entry, Outcome::Lost(reason));
        }
        if let Some(until) = subscription.holds(now_ms) {
            if until - delivery.first_due_ms > 2 * 3_600_000 {
                let lost = Outcome::Lost(THROTTLED_TOO_LONG);
                return self.ledger.close(workspace, entry, lost);
            }
            return self.again(until, delivery);
        }
        let settings = subscription.settings();
        let Some(url) = &settings.url else {
            let reason = "the endpoint was taken away";
            return self.ledger.close(workspace, entry, Outcome::Lost(reason));
        };
        let now = self.clock.now();
        delivery.attempts += 1;
        let notification = &mut delivery.notification;
        if delivery.attempts > 1 && settings.retry_changes_id && notification.id.is_some() {
            notification.id = Some(self.notification_id());
        }
        notification
            .first_sent_at
            .get_or_insert_with(|| now.timestamp());
        let body = notification.body(delivery.attempts, now.timestamp());
        let id = notification.id.clone();
        let reply = self
            .post
            .send_signed(url, Some(&settings.secret), body)
            .await;
        let verdict = self.judge(&delivery, &reply);
        let outcome = match verdict {
            Verdict::Delivered => Some(Outcome::Delivered),
            Verdict::Failed => Some(Outcome::Failed),
            Verdict::Lost(reason) => Some(Outcome::Lost(reason)),
            Verdict::Again(_) => None,
        };
        let attempt = Attempt::new(now, id, &reply);
        self.ledger.add(workspace, entry, attempt, outcome);
        if let Verdict::Again(at) = verdict {
            self.again(at, delivery);
        }
    }

    fn judge(&self, delivery: &Delivery, reply: &Reply) -> Verdict {
        let answer = reply.status.map_or(Answer::Failed, Answer::of);
        let latency_ms = reply.latency.as_micros() / self.second.as_millis().max(1);
        let latency_ms = u64::try_from(latency_ms).unwrap_or(u64::MAX);
        delivery.subscription.take(
            self.now_ms(),
            (answer, latency_ms),
            delivery.attempts,
            delivery.first_due_ms,
        )
    }

    fn again(&self, at_ms: u64, delivery: Delivery) {
        let job = Job::Notify(delivery);
        self.queue.push(self.instant(at_ms), self.next(), job);
    }
}

/// The endpoint given on the command line may start later than its simulator.
async fn ask_until_live(app: Shared) {
    let webhooks = &app.webhooks;
    loop {
        match webhooks.app.standing() {
            Standing::Asked | Standing::Refused { .. } => {}
            _ => return,
        }
        let settings = webhooks.app.settings();
        if webhooks.set_up(&webhooks.app, settings, true).await == Standing::Live {
            app.ping_installed(&webhooks.app);
            return;
        }
        sleep(ASK_AGAIN).await;
    }
}

async fn keep_pinging(app: Shared) {
    loop {
        let every = app.webhooks.app.settings().ping_secs.max(1);
        let every = u32::try_from(every).unwrap_or(u32::MAX);
        tokio::time::sleep_until(Instant::now() + app.webhooks.second * every).await;
        let subscription: Arc<Subscription> = app.webhooks.app.clone();
        if subscription.listens() {
            app.ping_installed(&subscription);
        }
    }
}
