use anyhow::Context as _;
use futures::future::try_join_all;
use harken_domain::Secret;
use harken_local::Stores;
use harken_runtime::grpc::{GrpcConfig, Services};
use harken_runtime::{Environment, ServiceIdentity, ServiceSecret};
use tokio::net::TcpListener;

use super::ports::{Ports, loopback, url};
use super::simulator;
use crate::failure::Failure;
use crate::services::{self, Ground, Life, Open, Plan, ROOMS, Room, Settings};

/// The settings of every service on this machine.
pub(super) fn settings(
    environment: Environment,
    ports: Ports,
    stores: &Stores,
    simulated: bool,
) -> Result<Environment, Failure> {
    let mut environment = environment
        .with("HARKEN_PROFILE", "local")
        .with("HARKEN_HTTP_LISTEN", loopback(ports.console).to_string())
        .with("HARKEN_GRPC_LISTEN", loopback(ports.grpc).to_string())
        .with("HARKEN_INGRESS_LISTEN", loopback(ports.ingress).to_string())
        .with("HARKEN_OPS_LISTEN", loopback(ports.ops).to_string())
        .with("HARKEN_PUBLIC_URL", url(ports.console))
        .with("HARKEN_NATS_URL", stores.nats_url());
    for variable in [
        "HARKEN_VAULT_ENDPOINT",
        "HARKEN_SYNC_ENDPOINT",
        "HARKEN_SCORING_ENDPOINT",
        "HARKEN_INGRESS_ENDPOINT",
    ] {
        environment = environment.with(variable, url(ports.grpc));
    }
    if environment.secret("HARKEN_DATABASE_URL")?.is_none() {
        environment = environment.with("HARKEN_DATABASE_URL", stores.database_url());
    }
    // Who is reached from outside says by which address.
    if environment.optional("HARKEN_INGRESS_PUBLIC_URL").is_none() {
        environment = environment.with("HARKEN_INGRESS_PUBLIC_URL", url(ports.ingress));
    }
    if simulated {
        environment = environment
            .with(
                "HARKEN_INTERCOM_AUTHORIZE_URL",
                format!("{}/oauth", url(ports.simulator)),
            )
            .with("HARKEN_INTERCOM_API_URL", url(ports.simulator))
            .with("HARKEN_INTERCOM_CLIENT_ID", simulator::CLIENT_ID)
            .with("HARKEN_INTERCOM_CLIENT_SECRET", simulator::CLIENT_SECRET);
    }
    Ok(environment)
}

/// Brings the database up to date and opens every room, each on its own ground, all behind one gRPC port.
pub(super) async fn open(
    environment: &Environment,
    ports: Ports,
    life: &Life,
) -> Result<ServiceIdentity, Failure> {
    let mut planned = Vec::new();
    for room in ROOMS {
        planned.push((
            room,
            Settings::read(&room, environment)?,
            (room.plan)(environment)?,
        ));
    }
    let database_url: Secret = environment.required_secret("HARKEN_DATABASE_URL")?;
    services::migrate_all(&database_url).await?;
    let secret = ServiceSecret::read(environment)?;
    build(planned, ports, life).await?;
    Ok(ServiceIdentity::new("operator", secret, life.clock.clone()))
}

async fn build(
    planned: Vec<(Room, Settings, Plan)>,
    ports: Ports,
    life: &Life,
) -> anyhow::Result<()> {
    services::serve_ops(loopback(ports.ops), life).await?;
    let started = life.readiness.gate("start");
    let (_, settings, _) = planned.first().context("there is no service")?;
    let bus = life.connect_bus(settings).await?;
    life.require_bus(&bus);
    let authenticator = services::authenticator(settings, "local", life)?;
    let rooms = planned.into_iter().map(|(room, settings, plan)| {
        let bus = bus.clone();
        async move {
            let ground = Ground::lay(&room, &settings, bus, life).await?;
            let open = plan(ground)
                .await
                .with_context(|| format!("{} cannot start", room.name))?;
            anyhow::Ok((room, open))
        }
    });
    let opened = try_join_all(rooms).await?;
    let address = loopback(ports.grpc);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on"))?;
    let mut answered = Services::new();
    for (room, Open { grpc, work }) in opened {
        answered = answered.merge(grpc);
        life.tasks.spawn_essential(room.name, work);
    }
    services::serve_grpc(GrpcConfig::new(listener), answered, authenticator, life);
    started.open();
    Ok(())
}
