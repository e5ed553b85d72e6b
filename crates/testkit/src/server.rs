//! A gRPC server of one test, and callers that it knows.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use harken_domain::{Clock, Secret};
use harken_runtime::grpc::{self, GrpcConfig, Services};
use harken_runtime::{
    ApiKeyVerifier, Authenticator, Readiness, ServiceChannel, ServiceIdentity, ServiceSecret,
    Shutdown, Tasks, Trigger, VerifiedKey, VerifierUnavailable,
};
use tokio::net::TcpListener;

/// The service secret of every test.
pub fn service_secret() -> ServiceSecret {
    ServiceSecret::new(Secret::new("a service secret that only tests use")).expect("long enough")
}

/// API keys by their secrets.
#[derive(Clone, Debug, Default)]
pub struct KnownKeys {
    keys: Arc<Mutex<HashMap<String, VerifiedKey>>>,
}

impl KnownKeys {
    /// Makes a key known.
    pub fn add(&self, secret: &str, key: VerifiedKey) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(secret.to_owned(), key);
    }
}

#[tonic::async_trait]
impl ApiKeyVerifier for KnownKeys {
    async fn verify(&self, secret: &str) -> Result<Option<VerifiedKey>, VerifierUnavailable> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.get(secret).copied())
    }
}

/// A gRPC server on a free port, stopped when it is dropped.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    clock: Clock,
    /// The API keys it knows.
    pub keys: KnownKeys,
    /// Whether it is ready.
    pub readiness: Readiness,
    /// Its one task.
    pub tasks: Tasks,
    trigger: Trigger,
}

impl TestServer {
    /// Starts a server that goes by the machine's clock.
    pub async fn start(services: Services) -> Self {
        Self::start_at(services, Clock::system()).await
    }

    /// Starts a server that goes by `clock`.
    pub async fn start_at(services: Services, clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (shutdown, trigger) = Shutdown::manual();
        let (keys, readiness) = (KnownKeys::default(), Readiness::new());
        let tasks = Tasks::new(shutdown.clone());
        let authenticator = Authenticator::new(service_secret(), keys.clone(), clock.clone());
        let config = GrpcConfig::new(listener);
        let served = grpc::serve(config, services, authenticator, readiness.clone(), shutdown);
        tasks.spawn_essential("grpc", served);
        Self {
            address,
            clock,
            keys,
            readiness,
            tasks,
            trigger,
        }
    }

    /// Where it answers, such as `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The server as the service `name` sees it.
    pub fn channel(&self, name: &str) -> ServiceChannel {
        let identity = ServiceIdentity::new(name, service_secret(), self.clock.clone());
        ServiceChannel::connect_lazy(&self.url(), identity).expect("a valid address")
    }

    /// Requests its shutdown.
    pub fn stop(&self) {
        self.trigger.pull();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.trigger.pull();
    }
}
