use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;

use axum::response::IntoResponse;
use http::Request;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::{Routes, RoutesBuilder};
use tower::Service;

type Add = Box<dyn FnOnce(&mut RoutesBuilder) + Send>;

/// The gRPC services that one process answers.
#[derive(Default)]
pub struct Services {
    names: BTreeSet<&'static str>,
    adds: Vec<Add>,
}

impl Services {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more: `.add(VaultServer::new(…))`.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "services are added, not summed"
    )]
    pub fn add<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible, Response: IntoResponse, Future: Send>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: 'static,
    {
        self.names.insert(S::NAME);
        self.adds.push(Box::new(move |routes| {
            routes.add_service(service);
        }));
        self
    }

    /// These and those of `other`.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.adds.extend(other.adds);
        self
    }

    /// Their full names, such as `harken.vault.v1.Vault`.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    pub(super) fn into_routes(self) -> Routes {
        let mut routes = RoutesBuilder::default();
        for add in self.adds {
            add(&mut routes);
        }
        routes.routes()
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Services").field(&self.names).finish()
    }
}
