//! A bus of one test.

use std::ops::Deref;
use std::thread;

use harken_bus::{Bus, BusConfig};
use tokio::runtime::Builder;

use crate::nats_url;

/// A bus behind a prefix of its own. Its streams are removed when it is dropped.
#[derive(Debug)]
pub struct TestBus {
    bus: Bus,
    config: BusConfig,
}

impl TestBus {
    /// Opens a bus that nobody else sees.
    pub async fn open() -> Self {
        Self::open_at(nats_url()).await
    }

    /// Opens a bus that nobody else sees on another server.
    pub async fn open_at(url: String) -> Self {
        let config = BusConfig {
            prefix: format!("t{:016x}.", rand::random::<u64>()),
            ..BusConfig::local(url)
        };
        let bus = Bus::connect(config.clone()).await.expect("the bus opens");
        Self { bus, config }
    }

    /// A second connection to the same bus, as another process has it.
    pub async fn another(&self) -> Bus {
        Bus::connect(self.config.clone())
            .await
            .expect("the bus opens again")
    }

    /// The same bus by another way.
    pub async fn elsewhere(&self, url: String) -> Bus {
        let config = BusConfig {
            url,
            ..self.config()
        };
        Bus::connect(config).await.expect("the bus opens again")
    }

    /// The bus, to be handed on.
    pub fn bus(&self) -> Bus {
        self.bus.clone()
    }

    /// How to connect to the same bus.
    pub fn config(&self) -> BusConfig {
        self.config.clone()
    }
}

impl Deref for TestBus {
    type Target = Bus;

    fn deref(&self) -> &Bus {
        &self.bus
    }
}

/// The test's own runtime may be gone or stand still here, so another one cleans up, by the straight way.
impl Drop for TestBus {
    fn drop(&mut self) {
        let config = BusConfig {
            url: nats_url(),
            ..self.config()
        };
        let cleaned = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime starts");
            runtime.block_on(async {
                if let Ok(bus) = Bus::connect(config).await {
                    bus.remove_streams().await;
                }
            });
        });
        let _ = cleaned.join();
    }
}
