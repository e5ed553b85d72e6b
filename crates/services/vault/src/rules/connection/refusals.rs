//! What a connection refuses, in words.

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
    #[error("the data of this connection is still being removed; connect again once it is")]
    StillErasing,
    #[error("the data of this connection was removed; connect its workspace as a new connection")]
    Purged,
}

/// Why the token of a connection cannot be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotReplace {
    #[error(
        "this connection was not made with an access token; connect it again by Intercom's consent screen"
    )]
    NotByToken,
    #[error("the data of this connection is removed; connect its workspace anew")]
    Erased,
}

/// Why nothing is erased of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotErase {
    #[error("the connection is connected; disconnect it first")]
    StillConnected,
    #[error("the name typed is not the name of the workspace")]
    NameDiffers,
}

/// A token of another workspace than the connection's. Its words tell the choice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this connection belongs to workspace {held}, and Intercom gave access to workspace {given}; choose {held} in \
     Intercom to go on with what is mirrored, or connect {given} as a connection of its own"
)]
pub(crate) struct WorkspaceDiffers {
    pub held: String,
    pub given: String,
}
