use harken_domain::{ConnectionId, DataPolicy, OrganizationId};

/// Where notifications of a workspace go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) connection: ConnectionId,
    pub(crate) organization: OrganizationId,
    /// Intercom's id of the workspace.
    pub(crate) workspace_id: String,
    /// What may be kept.
    pub(crate) data_policy: DataPolicy,
}
