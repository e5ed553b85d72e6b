use std::time::Duration;

use harken_local::Stores;
use harken_runtime::{Environment, Shutdown};

use super::ports::{Ports, url};
use super::simulator::Simulator;
use super::state_dir::StateDir;
use super::voice::{Ready, Voice};
use super::{bootstrap, house, secrets, stores};
use crate::cli::UpArgs;
use crate::failure::Failure;
use crate::services::{self, Life};

/// Everything that runs on this machine.
pub(super) struct Deployment {
    life: Life,
    simulator: Option<Simulator>,
    stores: Stores,
}

impl Deployment {
    /// Starts what is needed, as much at once as can be. Dropping the future stops what was started by then.
    pub(super) async fn start(
        args: &UpArgs,
        environment: &Environment,
        state: &StateDir,
        ports: Ports,
        shutdown: Shutdown,
        voice: &Voice,
    ) -> Result<(Self, Ready), Failure> {
        let environment = secrets::complete(environment.clone(), state)?;
        let simulated = !has_intercom_app(&environment)?;
        let (stores, simulator) = tokio::try_join!(
            stores::start(&environment, state, ports, voice.clone()),
            simulator(simulated, args, state, ports),
        )?;
        voice.starting("opening the services");
        let life = Life::until(shutdown);
        let deployment = Self {
            life,
            simulator,
            stores,
        };
        match deployment.open(environment, state, ports).await {
            Ok(sign_in) => {
                let ready = Ready {
                    console: url(ports.console),
                    grpc: url(ports.grpc),
                    ingress: url(ports.ingress),
                    sign_in,
                    simulator: simulated.then(|| url(ports.simulator)),
                    ops: url(ports.ops),
                    state_dir: state.path().display().to_string(),
                };
                Ok((deployment, ready))
            }
            Err(failure) => {
                let _ = deployment.stop(Duration::ZERO).await;
                Err(failure)
            }
        }
    }

    async fn open(
        &self,
        environment: Environment,
        state: &StateDir,
        ports: Ports,
    ) -> Result<String, Failure> {
        let environment =
            house::settings(environment, ports, &self.stores, self.simulator.is_some())?;
        let identity = house::open(&environment, ports, &self.life).await?;
        if let Some(simulator) = &self.simulator {
            simulator.subscribe(ports).await?;
        }
        bootstrap::run(identity, state, ports).await
    }

    /// Stays until told to stop, or until something that everything needs has stopped by itself.
    pub(super) async fn live(mut self, voice: &Voice) -> Result<(), Failure> {
        let death = {
            let simulator = async {
                match &mut self.simulator {
                    Some(simulator) => simulator.died().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.life.shutdown.requested() => None,
                death = self.stores.died() => Some(Failure::other(death.to_string())),
                death = simulator => Some(death),
            }
        };
        voice.stopping();
        match death {
            None => self.stop(services::DRAIN).await,
            Some(death) => {
                let _ = self.stop(Duration::ZERO).await;
                Err(death)
            }
        }
    }

    /// Lets services drain, then takes away what they stand on.
    async fn stop(self, patience: Duration) -> Result<(), Failure> {
        let Self {
            life,
            simulator,
            mut stores,
        } = self;
        let ended = life.end(patience).await;
        let simulator = async {
            if let Some(simulator) = simulator {
                simulator.stop().await;
            }
        };
        tokio::join!(simulator, stores.stop());
        Ok(ended?)
    }
}

async fn simulator(
    simulated: bool,
    args: &UpArgs,
    state: &StateDir,
    ports: Ports,
) -> Result<Option<Simulator>, Failure> {
    if simulated {
        Simulator::start(args, state, ports).await.map(Some)
    } else {
        Ok(None)
    }
}

/// Whether the real Intercom is to be used: a client id without its secret is a mistake, not a wish for the simulator.
fn has_intercom_app(environment: &Environment) -> Result<bool, Failure> {
    let id = environment.optional("HARKEN_INTERCOM_CLIENT_ID").is_some();
    let secret = environment
        .secret("HARKEN_INTERCOM_CLIENT_SECRET")?
        .is_some();
    match (id, secret) {
        (true, true) => Ok(true),
        (false, false) => Ok(false),
        (true, false) => Err(Failure::input(
            "HARKEN_INTERCOM_CLIENT_ID is set without HARKEN_INTERCOM_CLIENT_SECRET; set both, or neither to use the simulator",
        )),
        (false, true) => Err(Failure::input(
            "HARKEN_INTERCOM_CLIENT_SECRET is set without HARKEN_INTERCOM_CLIENT_ID; set both, or neither to use the simulator",
        )),
    }
}
