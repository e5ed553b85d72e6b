use harken_domain::ConnectionId;

/// Where a notification came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    /// The deployment's own app: its notifications name their workspace.
    Deployment,
    /// An organization's own app.
    OwnApp(ConnectionId),
}

impl Address {
    /// The connection in the address, if one is.
    pub(crate) const fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Deployment => None,
            Self::OwnApp(connection) => Some(connection),
        }
    }
}
