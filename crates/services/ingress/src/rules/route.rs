use harken_domain::{ConnectionId, OrganizationId};
use harken_intercom::PseudonymKey;

/// Where notifications of a workspace go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    /// Intercom's id of the workspace.
    pub(crate) workspace_id: String,
    /// What may be kept.
    pub(crate) keeps: Keeps,
}

/// What may be kept of a workspace's notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// All of it.
    Everything,
    /// Structure alone, with people by pseudonyms under this key; nothing while the key is not to be had.
    Structure(Option<PseudonymKey>),
}
