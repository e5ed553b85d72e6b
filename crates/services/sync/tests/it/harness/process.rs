use harken_bus::{Bus, BusConfig};
use harken_domain::{Clock, Secret};
use harken_runtime::{Environment, ServiceChannel, Shutdown, Trigger};
use harken_store::{Store, StoreConfig};
use harken_sync::{Config, Rails, build};
use harken_testkit::TestServer;
use tokio::{runtime::Runtime, sync::oneshot};

/// Sync on a runtime of its own, which can be pulled away from under it.
pub(crate) struct Process {
    runtime: Option<Runtime>,
    channel: ServiceChannel,
    trigger: Trigger,
    stopped: Option<oneshot::Receiver<()>>,
}

impl Process {
    pub(super) async fn start(
        vault: &str,
        database_url: Secret,
        bus: BusConfig,
        settings: &[(&'static str, String)],
    ) -> Self {
        let environment = Environment::from_pairs([
            ("HARKEN_VAULT_ENDPOINT", vault),
            (
                "HARKEN_SERVICE_SECRET",
                "a service secret that only tests use",
            ),
            ("HARKEN_SYNC_LEASE_SECS", "1"),
        ]);
        let environment = settings
            .iter()
            .fold(environment, |environment, (name, value)| {
                environment.with(*name, value)
            });
        let config = Config::from_environment(&environment).expect("the settings are sound");
        let runtime = Runtime::new().expect("a runtime starts");
        let (shutdown, trigger) = Shutdown::manual();
        let (started, start) = oneshot::channel();
        let (stopping, stopped) = oneshot::channel();
        runtime.spawn(async move {
            let store = StoreConfig {
                database_url,
                schema: "sync",
                max_connections: 12,
            };
            let rails = Rails {
                store: Store::connect(store).await.expect("the store opens"),
                bus: Bus::connect(bus).await.expect("the bus opens"),
                clock: Clock::system(),
            };
            let service = build(config, rails).await.expect("sync is built");
            let server = TestServer::start(service.grpc()).await;
            let _ = started.send(server.channel("gateway"));
            let Ok(()) = Box::pin(service.run(shutdown)).await;
            drop(server);
            let _ = stopping.send(());
        });
        Self {
            channel: start.await.expect("sync starts"),
            runtime: Some(runtime),
            trigger,
            stopped: Some(stopped),
        }
    }

    pub(crate) fn channel(&self) -> &ServiceChannel {
        &self.channel
    }

    /// Takes the process away at this very moment, as `kill -9` does: nothing gets to say goodbye.
    pub(crate) fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Stops the process as SIGTERM does.
    pub(crate) async fn stop(mut self) {
        self.trigger.pull();
        if let Some(stopped) = self.stopped.take() {
            stopped.await.expect("sync stops by itself");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
