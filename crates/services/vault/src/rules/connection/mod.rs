//! A connection and how its state moves.

mod refusals;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, DataPolicy, OnDisconnect, OrganizationId, Revision};
use harken_intercom::Workspace;

pub(crate) use self::refusals::{CannotErase, CannotOpen, CannotReplace, WorkspaceDiffers};

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
    /// Ended; what was mirrored stays.
    Disconnected(End),
    /// Ended, and every service erases what it keeps; not all have answered, or the token is not revoked yet.
    Disconnecting(End),
    /// Nothing is left of it but its name, its audit log and the receipts.
    Purged(End),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Why, in words a member understands.
    pub reason: String,
    /// None for those that ended before this was noted.
    pub at: Option<DateTime<Utc>>,
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

impl End {
    fn new(reason: &str, at: DateTime<Utc>) -> Self {
        Self {
            reason: reason.to_owned(),
            at: Some(at),
        }
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
        match self.state {
            State::Disconnecting(_) => return Err(CannotOpen::StillErasing),
            State::Purged(_) => return Err(CannotOpen::Purged),
            State::Connected | State::Disconnected(_) => {}
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

    /// Closes it because its token died; what was mirrored stays, as nobody asked for an end. A closed one stays as it is.
    pub(crate) fn close(self, reason: &str, at: DateTime<Utc>) -> Self {
        if !self.is_connected() {
            return self;
        }
        self.moved(State::Disconnected(End::new(reason, at)))
    }

    /// Ends it because somebody wants it; its policy says what becomes of what was mirrored. A closed one stays as it is.
    pub(crate) fn disconnect(self, reason: &str, at: DateTime<Utc>) -> Self {
        match (self.is_connected(), self.policy.on_disconnect) {
            (false, _) => self,
            (true, OnDisconnect::Retain) => self.close(reason, at),
            (true, OnDisconnect::Purge) => self.moved(State::Disconnecting(End::new(reason, at))),
        }
    }

    /// Has what is left of a closed one erased, if the name of its workspace was typed as it is. One that is being erased, or
    /// is, stays as it is.
    pub(crate) fn erase(self, typed: &str) -> Result<Self, CannotErase> {
        if self.is_connected() {
            return Err(CannotErase::StillConnected);
        }
        if typed != self.workspace.name {
            return Err(CannotErase::NameDiffers);
        }
        Ok(match self.state.clone() {
            State::Disconnected(end) => self.moved(State::Disconnecting(end)),
            _ => self,
        })
    }

    /// Tells that erasing it takes longer than it should.
    pub(crate) fn overdue(self, reason: &str) -> Self {
        match self.state.clone() {
            State::Disconnecting(end) => {
                let reason = reason.to_owned();
                self.moved(State::Disconnecting(End { reason, ..end }))
            }
            _ => self,
        }
    }

    /// Nothing is left of it.
    pub(crate) fn purged(self, reason: &str) -> Self {
        match self.state.clone() {
            State::Disconnecting(end) => {
                let reason = reason.to_owned();
                self.moved(State::Purged(End { reason, ..end }))
            }
            _ => self,
        }
    }

    /// Takes another token of the same workspace; one that was disconnected is opened again by it.
    pub(crate) fn replace_token(
        self,
        workspace: Workspace,
        now: DateTime<Utc>,
    ) -> Result<Self, CannotReplace> {
        if self.method != Method::AccessToken {
            return Err(CannotReplace::NotByToken);
        }
        let connected_at = match self.state {
            State::Connected => self.connected_at,
            State::Disconnected(_) => now,
            State::Disconnecting(_) | State::Purged(_) => return Err(CannotReplace::Erased),
        };
        let replaced = Self {
            workspace,
            connected_at,
            ..self
        };
        Ok(replaced.moved(State::Connected))
    }

    fn moved(self, state: State) -> Self {
        Self {
            state,
            revision: Revision(self.revision.0 + 1),
            ..self
        }
    }

    /// Whether this is its workspace.
    pub(crate) fn require(&self, workspace: &Workspace) -> Result<(), WorkspaceDiffers> {
        if self.workspace.id == workspace.id {
            return Ok(());
        }
        let named = |it: &Workspace| format!("“{}” ({})", it.name, it.id);
        Err(WorkspaceDiffers {
            held: named(&self.workspace),
            given: named(workspace),
        })
    }

    pub(crate) const fn is_erasing(&self) -> bool {
        matches!(self.state, State::Disconnecting(_))
    }

    /// How it ended; none while it is connected.
    pub(crate) const fn end(&self) -> Option<&End> {
        match &self.state {
            State::Connected => None,
            State::Disconnected(end) | State::Disconnecting(end) | State::Purged(end) => Some(end),
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
