//! What every request passes before it reaches a service.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use harken_telemetry::trace_context;
use http::{HeaderValue, Request, Response};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::{Layer, Service, ServiceExt as _};
use tracing::Instrument as _;

use super::answer::{Answer, code_of, unpanicked};
use super::call::{Call, Methods};
use super::request_id;
use crate::{Authenticator, status};

/// Health and reflection are open: they tell nothing of any organization.
const OPEN: [&str; 2] = ["/grpc.health.", "/grpc.reflection."];

/// What the front needs to know; shared by all requests.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) authenticator: Authenticator,
    pub(super) methods: Methods,
    pub(super) room: Semaphore,
    pub(super) patience: Duration,
    pub(super) stopping: CancellationToken,
}

#[derive(Clone, Debug)]
pub(super) struct FrontLayer(pub(super) Arc<Rules>);

impl Layer<Routes> for FrontLayer {
    type Service = Front;

    fn layer(&self, routes: Routes) -> Front {
        Front {
            rules: Arc::clone(&self.0),
            routes,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Front {
    rules: Arc<Rules>,
    routes: Routes,
}

impl Service<Request<Body>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.clone().watched(request).map(Ok).boxed()
    }
}

impl Front {
    /// Answers a request inside its span, under its id, and sees that it is counted.
    async fn watched(self, request: Request<Body>) -> Response<Body> {
        let id = request_id::of(request.headers());
        let mut call = Call::begin(&self.rules.methods, request.uri().path(), &id);
        trace_context::continue_from_http(call.span(), request.headers());
        let stopping = self.rules.stopping.clone();
        let span = call.span().clone();
        let answered = request_id::CURRENT
            .scope(Arc::clone(&id), self.answered(request))
            .instrument(span)
            .await;
        let mut response = answered.unwrap_or_else(Status::into_http);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(request_id::HEADER, value);
        }
        // An answer that ends with its headers is an error, or empty.
        if response.headers().contains_key(Status::GRPC_STATUS) {
            call.end(code_of(response.headers()));
        }
        response.map(|body| Body::new(Answer::new(body, call, id, stopping)))
    }

    async fn answered(self, mut request: Request<Body>) -> Result<Response<Body>, Status> {
        let rules = self.rules;
        let Ok(_seat) = rules.room.try_acquire() else {
            return Err(status::resource_exhausted(
                "TOO_BUSY",
                "too many requests are under way; try again shortly",
            ));
        };
        if !OPEN
            .iter()
            .any(|open| request.uri().path().starts_with(open))
        {
            let context = rules.authenticator.authenticate(request.headers()).await?;
            if let Ok(organization) = context.organization() {
                tracing::Span::current().record("organization.id", organization.to_string());
            }
            request.extensions_mut().insert(context);
        }
        let served = unpanicked(self.routes.oneshot(request));
        match tokio::time::timeout(rules.patience, served).await {
            Ok(served) => served.map(|Ok(response)| response),
            Err(_) => Err(Status::new(
                Code::DeadlineExceeded,
                format!("no answer within {} s", rules.patience.as_secs()),
            )),
        }
    }
}
