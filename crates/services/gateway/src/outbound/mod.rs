//! The other services, asked over gRPC for whoever is at the other end of HTTP.

mod act_as;
mod auth;
mod directory;
mod edge;
mod scoring;
mod sync;
mod upkeep;
mod vault;

use std::fmt;

use harken_domain::{ApiKeyId, MemberId, OrganizationId, Role};
use harken_runtime::{Authorized, ConfigError, ServiceChannel, ServiceIdentity, status};
use tonic::service::interceptor::InterceptedService;

use self::act_as::ActAs;
use crate::Config;

pub(crate) use self::scoring::ScoreList;
pub(crate) use self::sync::{RunList, Totals};
pub(crate) use self::upkeep::IncompleteList;
pub(crate) use self::vault::Terms;

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
    edge: Option<ServiceChannel>,
}

/// For whom the gateway asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acting {
    pub(crate) organization: OrganizationId,
    pub(crate) role: Role,
    pub(crate) who: Who,
}

/// Who does something: a member at a browser, a program, or an operator of the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Member(MemberId),
    ApiKey(ApiKeyId),
    Operator,
}

impl Acting {
    pub(crate) fn member(self) -> Option<MemberId> {
        match self.who {
            Who::Member(member) => Some(member),
            Who::ApiKey(_) | Who::Operator => None,
        }
    }

    /// Refuses who may do less than `needed`.
    pub(crate) fn require(self, needed: Role) -> Answer<()> {
        if self.role.allows(needed) {
            return Ok(());
        }
        let own = self.role;
        let words = format!("this needs the role {needed}; the caller is {own}");
        Err(status::permission_denied("ROLE_TOO_LOW", words))
    }
}

/// As the audit log names them.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
            Self::Operator => f.write_str("operator"),
        }
    }
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
            edge: config
                .ingress_endpoint
                .as_deref()
                .map(channel)
                .transpose()?,
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
