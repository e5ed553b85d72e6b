use std::sync::Arc;
use std::time::Duration;

use harken_contracts::FILE_DESCRIPTOR_SET;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::server::health_reporter;
use tonic_reflection::server::Builder as Reflection;

use super::call::Methods;
use super::front::{FrontLayer, Rules};
use super::health;
use super::services::Services;
use crate::{Authenticator, Readiness, Shutdown};

/// Where and within which limits a gRPC server answers.
#[derive(Debug)]
pub struct GrpcConfig {
    /// Where it listens.
    pub listener: TcpListener,
    /// Most requests under way at once; streams count until they begin.
    pub concurrency: usize,
    /// Most streams of one connection.
    pub streams_per_connection: u32,
    /// How long a method may take to answer, or to begin its stream.
    pub patience: Duration,
    /// How long the process stays open after it turned not ready, so that callers turn away first.
    pub linger: Duration,
    /// How long requests under way may take to end.
    pub drain: Duration,
}

impl GrpcConfig {
    /// The usual limits: 1024 requests, 1024 streams per connection, 60 s patience, no linger, 15 s drain.
    pub fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            concurrency: 1024,
            streams_per_connection: 1024,
            patience: Duration::from_mins(1),
            linger: Duration::ZERO,
            drain: Duration::from_secs(15),
        }
    }
}

/// Why a gRPC server stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The contracts do not describe themselves.
    #[error("reflection cannot be built")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the gRPC server failed")]
    Transport(#[source] tonic::transport::Error),
}

/// Answers gRPC until `shutdown` is requested: then turns not ready, stops accepting and drains.
pub async fn serve(
    config: GrpcConfig,
    services: Services,
    authenticator: Authenticator,
    readiness: Readiness,
    shutdown: Shutdown,
) -> Result<(), ServeError> {
    let names: Vec<_> = services.names().collect();
    let (reporter, health_service) = health_reporter();
    health::tell(&names, &reporter, false).await;
    let (v1, v1alpha) = (
        reflection(&names).build_v1(),
        reflection(&names).build_v1alpha(),
    );
    let routes = services
        .add(health_service)
        .add(v1.map_err(ServeError::Reflection)?)
        .add(v1alpha.map_err(ServeError::Reflection)?)
        .into_routes()
        .prepare();
    let rules = Rules {
        authenticator,
        methods: Methods::known(),
        room: Semaphore::new(config.concurrency),
        patience: config.patience,
        stopping: shutdown.token().clone(),
    };
    let stop = async {
        shutdown.requested().await;
        readiness.stop();
        health::tell(&names, &reporter, false).await;
        tokio::time::sleep(config.linger).await;
    };
    let server = Server::builder()
        .max_concurrent_streams(config.streams_per_connection)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_max_header_list_size(16 * 1024)
        .layer(FrontLayer(Arc::new(rules)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(
            TcpIncoming::from(config.listener).with_nodelay(Some(true)),
            stop,
        );
    let patience = async {
        shutdown.requested().await;
        tokio::time::sleep(config.linger + config.drain).await;
    };
    tokio::select! {
        ended = server => ended.map_err(ServeError::Transport),
        () = patience => {
            tracing::warn!("some gRPC calls did not end in time and were cut");
            Ok(())
        }
        () = health::follow(readiness.clone(), names.clone(), reporter.clone()) => Ok(()),
    }
}

/// Describes what is served here, health, and itself.
fn reflection(names: &[&'static str]) -> Reflection<'static> {
    let described = Reflection::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health")
        .with_service_name("grpc.reflection.v1.ServerReflection")
        .with_service_name("grpc.reflection.v1alpha.ServerReflection");
    names.iter().fold(described, |described, name| {
        described.with_service_name(*name)
    })
}
