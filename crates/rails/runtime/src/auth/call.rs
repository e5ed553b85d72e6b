use std::sync::Arc;

use harken_domain::{ApiKeyId, MemberId, OrganizationId, Role};
use tonic::{Request, Status};

use crate::{auth, status};

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A service of this deployment, by its name.
    Service(Arc<str>),
    /// Somebody with an API key.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// What it may do.
        role: Role,
    },
}

/// Who sent a request and for whom. Every method but health and reflection finds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallContext {
    pub(super) caller: Caller,
    pub(super) organization: Option<OrganizationId>,
    pub(super) acting_member: Option<MemberId>,
    pub(super) acting_role: Option<Role>,
}

impl CallContext {
    /// The context of a request.
    pub fn of<T>(request: &Request<T>) -> Result<&Self, Status> {
        request.extensions().get::<Self>().ok_or_else(|| {
            status::unauthenticated("NO_CREDENTIALS", "this request was not authenticated")
        })
    }

    /// Who sent it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The organization it is about: that of the key, or the one that the service named.
    pub fn organization(&self) -> Result<OrganizationId, Status> {
        self.organization.ok_or_else(|| {
            status::invalid_argument(
                auth::ORGANIZATION,
                "a service names the organization it acts for in this metadata",
            )
        })
    }

    /// The member that a service acts for, if it named one.
    pub fn acting_member(&self) -> Option<MemberId> {
        self.acting_member
    }

    /// Refuses a key, or a member that a service acts for, below `needed`. A service by itself may do everything.
    pub fn require_role(&self, needed: Role) -> Result<(), Status> {
        let role = match &self.caller {
            Caller::ApiKey { role, .. } => Some(*role),
            Caller::Service(_) => self.acting_role,
        };
        match role {
            Some(role) if !role.allows(needed) => Err(status::permission_denied(
                "ROLE_TOO_LOW",
                format!("this needs the role {needed}; the caller is {role}"),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses all but the services in `names`.
    pub fn require_service(&self, names: &[&str]) -> Result<(), Status> {
        match &self.caller {
            Caller::Service(name) if names.contains(&&**name) => Ok(()),
            _ => Err(status::permission_denied(
                "SERVICES_ONLY",
                "this method is for services of the deployment",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(role: Role) -> CallContext {
        CallContext {
            caller: Caller::ApiKey {
                id: ApiKeyId::derive(&[b"k"]),
                role,
            },
            organization: Some(OrganizationId::derive(&[b"o"])),
            acting_member: None,
            acting_role: None,
        }
    }

    fn service(acting_role: Option<Role>) -> CallContext {
        CallContext {
            caller: Caller::Service("gateway".into()),
            organization: None,
            acting_member: None,
            acting_role,
        }
    }

    #[test]
    fn a_key_does_what_its_role_allows() {
        assert!(key(Role::Admin).require_role(Role::Member).is_ok());
        let refused = key(Role::Viewer).require_role(Role::Member).unwrap_err();
        assert_eq!(status::reason_of(&refused).as_deref(), Some("ROLE_TOO_LOW"));
    }

    #[test]
    fn a_service_is_held_to_the_role_it_acts_for() {
        assert!(service(None).require_role(Role::Owner).is_ok());
        assert!(
            service(Some(Role::Viewer))
                .require_role(Role::Member)
                .is_err()
        );
    }

    #[test]
    fn methods_for_services_refuse_keys_and_other_services() {
        assert!(service(None).require_service(&["gateway"]).is_ok());
        assert!(service(None).require_service(&["sync"]).is_err());
        assert!(key(Role::Owner).require_service(&["gateway"]).is_err());
    }

    #[test]
    fn a_service_must_say_for_whom() {
        let refused = service(None).organization().unwrap_err();
        assert_eq!(
            status::field_of(&refused).as_deref(),
            Some("harken-organization")
        );
    }
}
