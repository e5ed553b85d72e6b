//! The other services, asked over gRPC for whoever is at the other end of HTTP.

mod act_as;
mod auth;
mod directory;
mod scoring;
mod sync;
mod vault;

use harken_domain::{MemberId, OrganizationId, Role};
use harken_runtime::{Authorized, ConfigError, ServiceChannel, ServiceIdentity};
use tonic::service::interceptor::InterceptedService;

use self::act_as::ActAs;
use crate::Config;

pub(crate) use self::scoring::ScoreList;

/// A channel to a service that carries for whom the gateway asks.
type Line = InterceptedService<Authorized, ActAs>;

/// What a service answers, or the status with which it does not.
pub(crate) type Answer<T> = Result<T, tonic::Status>;

/// The services that the gateway asks.
#[derive(Clone, Debug)]
pub(crate) struct Rooms {
    vault: ServiceChannel,
    sync: ServiceChannel,
    scoring: ServiceChannel,
}

/// For whom the gateway asks: a member at a browser, or an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acting {
    pub(crate) organization: OrganizationId,
    pub(crate) role: Role,
    /// Absent for an API key.
    pub(crate) member: Option<MemberId>,
}

/// The services as one caller may ask them.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    rooms: Rooms,
    acting: Acting,
}

impl Rooms {
    pub(crate) fn new(config: &Config, identity: &ServiceIdentity) -> Result<Self, ConfigError> {
        let channel = |endpoint: &str| ServiceChannel::connect_lazy(endpoint, identity.clone());
        Ok(Self {
            vault: channel(&config.vault_endpoint)?,
            sync: channel(&config.sync_endpoint)?,
            scoring: channel(&config.scoring_endpoint)?,
        })
    }

    pub(crate) fn for_caller(&self, acting: Acting) -> Asking {
        Asking {
            rooms: self.clone(),
            acting,
        }
    }

    pub(crate) fn vault(&self) -> &ServiceChannel {
        &self.vault
    }
}

impl Asking {
    fn line(&self, channel: &ServiceChannel, act_as: ActAs) -> Line {
        let authorized = channel.for_organization(self.acting.organization);
        InterceptedService::new(authorized, act_as)
    }
}
