//! Tells apps what happened, as Intercom does: at most twice, in no promised order, and possibly never.

mod dispatch;
mod envelope;
mod item;
mod ledger;
mod mischief;
mod post;
mod queue;
mod rules;
mod settings;
mod signature;
mod subscription;
mod topic;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::canary::Canary;
use crate::clock::Clock;
use crate::config::Config;
use crate::http::Version;
use crate::story::{Seed, uuid_of};
use crate::world::{Change, View, Workspace};
use envelope::Notification;
use ledger::{Entry, Ledger};
use mischief::Mischief;
use post::Post;
use queue::{Delivery, Job, Queue};
pub use settings::WebhookSettings;
pub(crate) use settings::{InvalidSettings, changed};
pub(crate) use subscription::{Standing, Subscription};
pub(crate) use topic::CAUSED;

/// The app's subscription and those of private apps, and everything on its way.
#[derive(Debug)]
pub(crate) struct Webhooks {
    app: Arc<Subscription>,
    /// Subscriptions of a workspace's own private app, by the workspace's key.
    own: RwLock<BTreeMap<&'static str, Arc<Subscription>>>,
    queue: Queue,
    pub(crate) ledger: Ledger,
    post: Post,
    clock: Clock,
    canary: Arc<Canary>,
    seed: Seed,
    sequence: AtomicU64,
    /// How long a second of Intercom's delivery rules lasts.
    second: Duration,
    started: Instant,
}

impl Webhooks {
    pub(crate) fn new(config: &Config, canary: Arc<Canary>) -> Self {
        let mut settings = config.webhooks.clone();
        if settings.secret.is_empty() {
            settings.secret.clone_from(&config.client_secret);
        }
        let second = Duration::from_millis(settings.second_ms.max(1));
        Self {
            app: Arc::new(Subscription::new(settings)),
            own: RwLock::default(),
            queue: Queue::default(),
            ledger: Ledger::default(),
            post: Post::new(second * 5),
            clock: config.clock.clone(),
            canary,
            seed: Seed::new(config.seed),
            sequence: AtomicU64::new(0),
            second,
            started: Instant::now(),
        }
    }

    /// The subscription of the app every workspace may install.
    pub(crate) fn app(&self) -> &Arc<Subscription> {
        &self.app
    }

    /// The subscription of a workspace's own app.
    pub(crate) fn own(&self, workspace: &str) -> Option<Arc<Subscription>> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.get(workspace).cloned()
    }

    /// Gives a workspace its own app, with no endpoint yet.
    pub(crate) fn open_own(&self, workspace: &'static str) -> Arc<Subscription> {
        let settings = WebhookSettings {
            url: None,
            uninstall_url: None,
            ..self.app.settings()
        };
        let subscription = Arc::new(Subscription::new(settings));
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        own.insert(workspace, subscription.clone());
        subscription
    }

    pub(crate) fn close_own(&self, workspace: &str) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        own.remove(workspace);
    }

    /// Who is told about a workspace: the app where it was `allowed`, and the workspace's own. The app
    /// stands in for an own one that has no subscription.
    pub(crate) fn listeners(&self, workspace: &str, allowed: bool) -> Vec<Arc<Subscription>> {
        let own = self.own(workspace);
        let app = (allowed || own.is_none()).then(|| self.app.clone());
        app.into_iter().chain(own).collect()
    }

    /// Queues what `change` gives cause to.
    pub(crate) fn tell(&self, view: &View<'_>, change: &Change, listeners: &[Arc<Subscription>]) {
        for subscription in listeners {
            if !subscription.listens() {
                continue;
            }
            let settings = subscription.settings();
            let version = Version::named(&settings.version).unwrap_or(Version::V2_16);
            let at_ms = self.clock.now().timestamp_millis();
            for notice in topic::notices(view, change, version, &settings, at_ms) {
                let item = serde_json::to_vec(&notice.item).unwrap_or_default();
                let item: Arc<[u8]> = self.canary.planted(item).into();
                for topic in notice.topics {
                    if settings.subscribes(topic) {
                        let notification = Notification {
                            app_id: view.workspace.id,
                            id: Some(self.notification_id()),
                            topic,
                            created_at: change.at(),
                            first_sent_at: None,
                            item: item.clone(),
                        };
                        let about = (notice.about.clone(), notice.part.clone());
                        self.enqueue(subscription, view.workspace, notification, about);
                    }
                }
            }
        }
    }

    /// Sends a `ping` for a workspace.
    pub(crate) fn ping(&self, subscription: &Arc<Subscription>, workspace: &Workspace) {
        let item = br#"{"type":"ping","message":"something something interzen"}"#;
        let notification = Notification {
            app_id: workspace.id,
            id: None,
            topic: "ping",
            created_at: self.clock.now_secs(),
            first_sent_at: None,
            item: Arc::from(item.as_slice()),
        };
        self.enqueue(subscription, workspace, notification, (String::new(), None));
    }

    /// Tells the app's uninstall URL, if it has one.
    pub(crate) fn uninstalled(&self, workspace: &Workspace) {
        let settings = self.app.settings();
        if let Some(url) = settings.uninstall_url {
            let entry = Entry::new(None, topic::UNINSTALLED, self.clock.now());
            let entry = self.ledger.open(workspace.key, entry);
            let body = format!("{{\"app_id\":\"{}\"}}", workspace.id);
            let secret = settings.uninstall_signed.then_some(settings.secret);
            let job = Job::Uninstalled {
                workspace: workspace.key,
                entry,
                url,
                body,
                secret,
            };
            self.queue.push(Instant::now(), self.next(), job);
        }
    }

    fn enqueue(
        &self,
        subscription: &Arc<Subscription>,
        workspace: &Workspace,
        notification: Notification,
        (about, part): (String, Option<String>),
    ) {
        let settings = subscription.settings();
        let id = notification.id.clone();
        let mut entry = Entry::new(id, notification.topic, self.clock.now());
        (entry.about, entry.part_id) = (about, part);
        entry.created_at = notification.created_at;
        let now_ms = self.now_ms();
        let number = self.next();
        let mischief = Mischief::of(self.seed, number, &settings);
        if let Some(reason) = subscription.refuses(now_ms) {
            entry.lose(reason);
        } else if mischief.lost && notification.id.is_some() {
            entry.lose("lost on purpose");
        }
        let lost = entry.is_lost();
        let entry = self.ledger.open(workspace.key, entry);
        if lost {
            return;
        }
        let delivery = Delivery {
            subscription: subscription.clone(),
            workspace: workspace.key,
            entry,
            notification,
            attempts: 0,
            first_due_ms: now_ms,
        };
        let slow_ms = if subscription.is_slow() { 500 } else { 0 };
        for delay_ms in mischief.delays_ms {
            let due = self.instant(now_ms + slow_ms) + Duration::from_millis(delay_ms);
            let job = Job::Notify(delivery.clone());
            self.queue.push(due, self.next(), job);
        }
    }

    fn notification_id(&self) -> String {
        let number = self.next();
        let now = self.clock.now().timestamp_millis().unsigned_abs();
        let low = self.seed.of("notification", number ^ now << 20).value();
        format!("notif_{}", uuid_of(now.rotate_left(24) ^ number, low))
    }

    fn next(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// Milliseconds of the delivery rules' own time, since the start.
    fn now_ms(&self) -> u64 {
        let passed = self.started.elapsed().as_micros() / self.second.as_millis().max(1);
        u64::try_from(passed).unwrap_or(u64::MAX)
    }

    fn instant(&self, at_ms: u64) -> Instant {
        let passed = u128::from(at_ms) * self.second.as_millis();
        self.started + Duration::from_micros(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}
