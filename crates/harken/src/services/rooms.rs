//! The one list of services.

use futures::{FutureExt as _, TryFutureExt as _};
use harken_runtime::{ConfigError, Environment};

use super::{Open, Plan, Room};

pub(crate) const SCORING: Room = Room {
    name: "scoring",
    migrations: Some(harken_scoring::migrations),
    plan: scoring,
};

fn scoring(environment: &Environment) -> Result<Plan, ConfigError> {
    let config = harken_scoring::Config::from_environment(environment)?;
    Ok(Box::new(|ground| {
        async move {
            let rails = harken_scoring::Rails {
                store: ground.store()?,
                bus: ground.bus,
                clock: ground.clock,
                readiness: ground.readiness,
            };
            let service = harken_scoring::build(config, rails).await?;
            Ok(Open {
                grpc: service.grpc(),
                work: service.run(ground.shutdown).err_into().boxed(),
            })
        }
        .boxed()
    }))
}

pub(crate) const VAULT: Room = Room {
    name: "vault",
    migrations: None,
    plan: |_| Err(later()),
};
pub(crate) const SYNC: Room = Room {
    name: "sync",
    migrations: None,
    plan: |_| Err(later()),
};
pub(crate) const GATEWAY: Room = Room {
    name: "gateway",
    migrations: None,
    plan: |_| Err(later()),
};

/// All of them, in the order in which facts travel.
pub(crate) const ROOMS: [Room; 1] = [SCORING];

fn later() -> ConfigError {
    ConfigError::new("HARKEN_X", "is not set", "wait")
}
