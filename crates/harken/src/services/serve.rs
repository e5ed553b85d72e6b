use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use harken_runtime::grpc::{self, GrpcConfig, Services};
use harken_runtime::{
    Authenticator, CachedVerifier, Environment, RemoteVerifier, ServiceChannel, ServiceIdentity,
    Shutdown, ops,
};
use harken_telemetry::LogTarget;
use tokio::net::TcpListener;

use super::telemetry;
use super::{Ground, Life, Needs, Open, Plan, Room, Settings};
use crate::failure::Failure;

/// How long everything may take to end after the gRPC server has drained.
pub(crate) const DRAIN: Duration = Duration::from_secs(20);
/// How long a process in a cluster stays open after it turned not ready, so that callers turn away first.
const LINGER: Duration = Duration::from_secs(5);

/// Runs one service until it is told to stop.
pub(crate) async fn run(room: Room, environment: &Environment) -> Result<(), Failure> {
    let settings = Settings::read(&room, environment)?;
    let plan = (room.plan)(environment)?;
    let telemetry = telemetry::install(room.name, LogTarget::Stderr, environment)?;
    let lived = live(room, settings, plan).await;
    if let Err(cause) = &lived {
        tracing::error!(error = format!("{cause:#}"), "{} stopped", room.name);
    }
    telemetry.shutdown().await;
    lived
        .with_context(|| format!("{} stopped", room.name))
        .map_err(Failure::from)
}

async fn live(room: Room, settings: Settings, plan: Plan) -> anyhow::Result<()> {
    let life = Life::until(Shutdown::on_signals().context("signals cannot be caught")?);
    tokio::select! {
        started = start(room, settings, plan, &life) => started?,
        () = life.shutdown.requested() => return Ok(()),
    }
    life.shutdown.requested().await;
    life.end(DRAIN).await
}

async fn start(room: Room, settings: Settings, plan: Plan, life: &Life) -> anyhow::Result<()> {
    serve_ops(settings.ops_listen, life).await?;
    let started = life.readiness.gate("start");
    let bus = life.connect_bus(&settings).await?;
    if room.needs == Needs::Everything {
        life.require_bus(&bus);
    }
    let ground = Ground::lay(&room, &settings, bus, life).await?;
    let Open { grpc, work } = plan(ground).await?;
    if grpc.names().next().is_some() {
        let listener = listen(settings.grpc_listen, "gRPC").await?;
        let authenticator = authenticator(&settings, room.name, life)?;
        let config = GrpcConfig {
            linger: LINGER,
            ..GrpcConfig::new(listener)
        };
        serve_grpc(config, grpc, authenticator, life);
    }
    life.tasks.spawn_essential(room.name, work);
    started.open();
    tracing::info!("{} serves", room.name);
    Ok(())
}

/// Answers who asks for health and metrics, from the first moment to the last.
pub(crate) async fn serve_ops(address: SocketAddr, life: &Life) -> anyhow::Result<()> {
    let listener = listen(address, "health and metrics").await?;
    life.tasks.spawn_background(
        "ops",
        ops::serve(listener, life.readiness.clone(), life.shutdown.clone()),
    );
    Ok(())
}

pub(crate) fn serve_grpc(
    config: GrpcConfig,
    services: Services,
    authenticator: Authenticator,
    life: &Life,
) {
    let served = grpc::serve(
        config,
        services,
        authenticator,
        life.readiness.clone(),
        life.shutdown.clone(),
    );
    life.tasks.spawn_essential("grpc", served);
}

/// Believes services of this deployment, and API keys that the vault knows.
pub(crate) fn authenticator(
    settings: &Settings,
    name: &str,
    life: &Life,
) -> anyhow::Result<Authenticator> {
    let identity = ServiceIdentity::new(name, settings.service_secret.clone(), life.clock.clone());
    let vault = ServiceChannel::connect_lazy(&settings.vault_endpoint, identity)?;
    let keys = CachedVerifier::new(RemoteVerifier::new(&vault));
    Ok(Authenticator::new(
        settings.service_secret.clone(),
        keys,
        life.clock.clone(),
    ))
}

async fn listen(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address}, wanted for {what}, cannot be listened on"))
}
