//! Who calls, for whom, and how far their power goes.

use harken_domain::{OrganizationId, Role};
use harken_runtime::{CallContext, Caller};
use tonic::{Request, Status};

use crate::app::Actor;

/// A caller who acts for an organization.
#[derive(Debug)]
pub(super) struct Acting {
    pub organization: OrganizationId,
    pub actor: Actor,
    /// The highest role whose deeds are permitted.
    pub authority: Role,
    pub caller: Caller,
}

impl Acting {
    /// Reads the caller, who must be allowed what `needed` is.
    pub(super) fn of<T>(request: &Request<T>, needed: Role) -> Result<Self, Status> {
        let context = CallContext::of(request)?;
        context.require_role(needed)?;
        let permitted = |role: &&Role| context.require_role(**role).is_ok();
        Ok(Self {
            organization: context.organization()?,
            actor: actor(context),
            authority: Role::ALL
                .iter()
                .find(permitted)
                .copied()
                .unwrap_or(Role::Viewer),
            caller: context.caller().clone(),
        })
    }
}

pub(super) fn actor(context: &CallContext) -> Actor {
    let name = match (context.acting_member(), context.caller()) {
        (Some(member), _) => member.to_string(),
        (None, Caller::ApiKey { id, .. }) => id.to_string(),
        (None, Caller::Service(name)) => name.to_string(),
    };
    Actor(name)
}
