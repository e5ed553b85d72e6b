//! A connection and how its state moves.

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OnDisconnect, OrganizationId, Revision};
use harken_intercom::Workspace;

/// One organization's link to one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    pub id: ConnectionId,
    pub organization: OrganizationId,
    pub workspace: Workspace,
    pub method: Method,
    pub state: State,
    pub policy: Policy,
    /// Name of who connected it.
    pub connected_by: String,
    pub connected_at: DateTime<Utc>,
    pub revision: Revision,
}

/// How a connection was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    OAuth,
    AccessToken,
    /// By nobody at Intercom: it exists for a drill.
    Synthetic,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Connected,
    Disconnected {
        /// Why, in words a member understands.
        reason: String,
    },
}

/// What may be kept, and for how long. Fixed when a connection is first opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub data: DataPolicy,
    pub on_disconnect: OnDisconnect,
}

/// What a member asked for; none where they asked for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PolicyWish {
    pub data: Option<DataPolicy>,
    pub on_disconnect: Option<OnDisconnect>,
}

/// A token just granted: to which workspace, how, and on whose behalf.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub workspace: Workspace,
    pub method: Method,
    pub wish: PolicyWish,
    pub by: String,
}

/// Why a connection cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotOpen {
    #[error("this workspace is connected already")]
    AlreadyConnected,
    #[error("this connection exists for a drill; no workspace stands behind it")]
    Synthetic,
    #[error(
        "this workspace was connected under another data policy, which is fixed; connect again with the same \
         one"
    )]
    PolicyFixed,
}

impl Method {
    pub(crate) const ALL: [Self; 3] = [Self::OAuth, Self::AccessToken, Self::Synthetic];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OAuth => "oauth",
            Self::AccessToken => "access_token",
            Self::Synthetic => "synthetic",
        }
    }
}

impl PolicyWish {
    fn or_usual(self) -> Policy {
        Policy {
            data: self.data.unwrap_or(DataPolicy::Full),
            on_disconnect: self.on_disconnect.unwrap_or(OnDisconnect::Retain),
        }
    }

    fn is_met_by(self, policy: Policy) -> bool {
        self.data.is_none_or(|data| data == policy.data)
            && self
                .on_disconnect
                .is_none_or(|then| then == policy.on_disconnect)
    }
}

impl Connection {
    /// Opens a workspace's first connection to an organization.
    pub(crate) fn first(
        id: ConnectionId,
        organization: OrganizationId,
        grant: Grant,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            organization,
            workspace: grant.workspace,
            method: grant.method,
            state: State::Connected,
            policy: grant.wish.or_usual(),
            connected_by: grant.by,
            connected_at: now,
            revision: Revision(1),
        }
    }

    /// Opens it again.
    pub(crate) fn reopen(self, grant: Grant, now: DateTime<Utc>) -> Result<Self, CannotOpen> {
        if self.is_synthetic() {
            return Err(CannotOpen::Synthetic);
        }
        if self.is_connected() {
            return Err(CannotOpen::AlreadyConnected);
        }
        if !grant.wish.is_met_by(self.policy) {
            return Err(CannotOpen::PolicyFixed);
        }
        Ok(Self {
            workspace: grant.workspace,
            method: grant.method,
            state: State::Connected,
            connected_by: grant.by,
            connected_at: now,
            revision: Revision(self.revision.0 + 1),
            ..self
        })
    }

    /// Closes it; a closed one stays as it is.
    pub(crate) fn close(self, reason: &str) -> Self {
        if !self.is_connected() {
            return self;
        }
        Self {
            state: State::Disconnected {
                reason: reason.to_owned(),
            },
            revision: Revision(self.revision.0 + 1),
            ..self
        }
    }

    pub(crate) const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected)
    }

    /// Whether no workspace stands behind it.
    pub(crate) const fn is_synthetic(&self) -> bool {
        matches!(self.method, Method::Synthetic)
    }
}

#[cfg(test)]
mod tests {
    use harken_intercom::Region;
    use proptest::prelude::*;

    use super::*;

    fn grant(wish: PolicyWish) -> Grant {
        let workspace = Workspace {
            id: "abc".to_owned(),
            name: "Acme".to_owned(),
            region: Region::Us,
            timezone: "Etc/UTC".to_owned(),
        };
        Grant {
            workspace,
            method: Method::OAuth,
            wish,
            by: "Ann".to_owned(),
        }
    }

    fn opened(wish: PolicyWish) -> Connection {
        let id = ConnectionId::derive(&[b"c"]);
        let organization = OrganizationId::derive(&[b"o"]);
        Connection::first(id, organization, grant(wish), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn an_open_connection_is_not_opened_twice() {
        let again = opened(PolicyWish::default()).reopen(grant(PolicyWish::default()), EPOCH);
        assert_eq!(again, Err(CannotOpen::AlreadyConnected));
    }

    #[test]
    fn a_policy_stays_as_it_was_first_chosen() {
        let skeleton = PolicyWish {
            data: Some(DataPolicy::MetadataOnly),
            on_disconnect: None,
        };
        let closed = opened(skeleton).close("gone");
        let silent = closed
            .clone()
            .reopen(grant(PolicyWish::default()), EPOCH)
            .unwrap();
        assert_eq!(silent.policy.data, DataPolicy::MetadataOnly);
        let full = PolicyWish {
            data: Some(DataPolicy::Full),
            on_disconnect: None,
        };
        assert_eq!(
            closed.reopen(grant(full), EPOCH),
            Err(CannotOpen::PolicyFixed)
        );
    }

    const EPOCH: DateTime<Utc> = DateTime::UNIX_EPOCH;

    proptest! {
        #[test]
        fn each_change_of_state_has_a_revision_of_its_own(steps in prop::collection::vec(any::<bool>(), 0..20)) {
            let mut connection = opened(PolicyWish::default());
            for open in steps {
                let before = connection.clone();
                connection = if open {
                    match connection.clone().reopen(grant(PolicyWish::default()), EPOCH) {
                        Ok(opened) => opened,
                        Err(_) => connection,
                    }
                } else {
                    connection.close("gone")
                };
                let moved = before.state != connection.state;
                prop_assert_eq!(connection.revision > before.revision, moved);
                prop_assert_eq!(connection.id, before.id);
            }
        }
    }
}
