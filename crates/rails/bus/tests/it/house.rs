//! A bus, messages for it, and a handler that does as it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use harken_bus::{Bus, ConsumerSpec, Delivery, Disposition, Handler, Outgoing};
use harken_contracts::subjects::{self, Stream};
use harken_contracts::wire::events::v1::RecordChanged;
use harken_contracts::wire::events::v1::record_change::Record;
use harken_domain::{ConnectionId, OrganizationId};
use harken_runtime::{Shutdown, Tasks, Trigger};
use harken_testkit::{eventually, nats_url, records};

pub(crate) fn organization() -> OrganizationId {
    OrganizationId::derive(&[b"house"])
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::derive(&[b"house"])
}

/// The server without our rails.
pub(crate) async fn server() -> async_nats::Client {
    let url: async_nats::ServerAddr = nats_url().parse().unwrap();
    let mut options = async_nats::ConnectOptions::new();
    if let (Some(user), Some(password)) = (url.username(), url.password()) {
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    options.connect(url).await.unwrap()
}

/// A change of the company `name`, under its name as message id.
pub(crate) fn company(name: &str) -> Outgoing {
    let record = Record::Company(records::company(name));
    Outgoing::of(
        name,
        &records::changed(organization(), connection(), vec![record]),
    )
    .unwrap()
}

pub(crate) fn spec() -> ConsumerSpec {
    ConsumerSpec::new(
        "house-records",
        Stream::Record,
        vec![subjects::all_records()],
    )
}

type Script = fn(&Delivery) -> Disposition;

/// Does with each message what the script says, and writes down what came.
#[derive(Clone)]
pub(crate) struct Scripted {
    script: Script,
    seen: Arc<Mutex<Vec<(String, u64)>>>,
}

impl Scripted {
    pub(crate) fn new(script: Script) -> Self {
        Self {
            script,
            seen: Arc::default(),
        }
    }

    /// The message ids in the order in which they came.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// How often each message came.
    pub(crate) fn counts(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for id in self.seen() {
            *counts.entry(id).or_default() += 1;
        }
        counts
    }
}

impl Handler for Scripted {
    async fn handle(&self, batch: &[Delivery]) -> Vec<Disposition> {
        let mut dispositions = Vec::new();
        for delivery in batch {
            let id = delivery.message_id.clone();
            self.seen.lock().unwrap().push((id, delivery.deliveries));
            dispositions.push((self.script)(delivery));
        }
        dispositions
    }
}

pub(crate) fn done(delivery: &Delivery) -> Disposition {
    match delivery.decode::<RecordChanged>() {
        Ok(_) => Disposition::Done,
        Err(cause) => cause.into(),
    }
}

/// A consumer at work until it is stopped.
pub(crate) struct Working {
    pub(crate) handler: Scripted,
    tasks: Tasks,
    trigger: Trigger,
}

impl Working {
    pub(crate) fn start(bus: &Bus, spec: ConsumerSpec, script: Script) -> Self {
        let handler = Scripted::new(script);
        let (shutdown, trigger) = Shutdown::manual();
        let tasks = Tasks::new(shutdown.clone());
        let (bus, worker) = (bus.clone(), handler.clone());
        tasks.spawn("consumer", async move {
            bus.consume(spec, worker, shutdown).await;
        });
        Self {
            handler,
            tasks,
            trigger,
        }
    }

    pub(crate) async fn has_seen(&self, messages: usize) {
        eventually("the messages come", async || {
            self.handler.counts().len() >= messages
        })
        .await;
    }

    pub(crate) async fn stop(self) -> Scripted {
        self.trigger.pull();
        let drained = self.tasks.drain(std::time::Duration::from_secs(20)).await;
        assert!(drained.unfinished.is_empty(), "the consumer drains");
        self.handler
    }
}
