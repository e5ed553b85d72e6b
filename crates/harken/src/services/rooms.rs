//! The one list of services.

use futures::{FutureExt as _, TryFutureExt as _};
use harken_runtime::{ConfigError, Environment};

use super::{Needs, Open, Plan, Room};

pub(crate) const VAULT: Room = Room {
    name: "vault",
    migrations: Some(harken_vault::migrations),
    needs: Needs::Everything,
    plan: vault,
};
pub(crate) const INGRESS: Room = Room {
    name: "ingress",
    migrations: Some(harken_ingress::migrations),
    needs: Needs::OneStore,
    plan: ingress,
};
pub(crate) const SYNC: Room = Room {
    name: "sync",
    migrations: Some(harken_sync::migrations),
    needs: Needs::Everything,
    plan: sync,
};
pub(crate) const SCORING: Room = Room {
    name: "scoring",
    migrations: Some(harken_scoring::migrations),
    needs: Needs::Everything,
    plan: scoring,
};
pub(crate) const GATEWAY: Room = Room {
    name: "gateway",
    migrations: None,
    needs: Needs::Everything,
    plan: gateway,
};

/// All of them, in the order in which facts travel.
pub(crate) const ROOMS: [Room; 5] = [VAULT, INGRESS, SYNC, SCORING, GATEWAY];

/// Reads a room's settings; builds it from its rails once there is ground to lay them on.
macro_rules! plan {
    ($environment:ident, $room:ident, |$ground:ident| $rails:expr, |$service:ident| $grpc:expr) => {{
        let config = $room::Config::from_environment($environment)?;
        Ok(Box::new(|$ground| {
            async move {
                let shutdown = $ground.shutdown.clone();
                let $service = $room::build(config, $rails).await?;
                let grpc = $grpc;
                let work = $service.run(shutdown).err_into().boxed();
                Ok(Open { grpc, work })
            }
            .boxed()
        }))
    }};
}

fn vault(environment: &Environment) -> Result<Plan, ConfigError> {
    plan!(
        environment,
        harken_vault,
        |ground| harken_vault::Rails {
            store: ground.store()?,
            bus: ground.bus,
            clock: ground.clock,
        },
        |service| service.grpc()
    )
}

/// The edge takes notifications on a port of its own.
fn ingress(environment: &Environment) -> Result<Plan, ConfigError> {
    plan!(
        environment,
        harken_ingress,
        |ground| harken_ingress::Rails {
            store: ground.store()?,
            bus: ground.bus,
            clock: ground.clock,
            tasks: ground.tasks,
            identity: ground.identity,
        },
        |service| service.grpc()
    )
}

fn sync(environment: &Environment) -> Result<Plan, ConfigError> {
    plan!(
        environment,
        harken_sync,
        |ground| harken_sync::Rails {
            store: ground.store()?,
            bus: ground.bus,
            clock: ground.clock,
        },
        |service| service.grpc()
    )
}

fn scoring(environment: &Environment) -> Result<Plan, ConfigError> {
    plan!(
        environment,
        harken_scoring,
        |ground| harken_scoring::Rails {
            store: ground.store()?,
            bus: ground.bus,
            clock: ground.clock,
        },
        |service| service.grpc()
    )
}

/// The gateway speaks HTTP on a port of its own, and answers for dead letters over gRPC.
fn gateway(environment: &Environment) -> Result<Plan, ConfigError> {
    plan!(
        environment,
        harken_gateway,
        |ground| harken_gateway::Rails {
            bus: ground.bus,
            clock: ground.clock,
            tasks: ground.tasks,
            identity: ground.identity,
        },
        |service| service.grpc()
    )
}
