use crate::TransportError;

/// Why something could not be read. Says nothing of content or persons.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A permission or the plan is missing (402, 403, and 401 `token_unauthorized`).
    #[error("Intercom refused with {status} {code}")]
    Denied {
        /// HTTP status.
        status: u16,
        /// Intercom's word.
        code: String,
        /// Machine name of the missing permission, where Intercom told it.
        scope: Option<String>,
        /// Intercom's id of the request.
        request_id: Option<String>,
    },
    /// It does not exist, or no longer (404).
    #[error("Intercom answered 404: it is not there, or no longer")]
    NotFound {
        /// Intercom's id of the request.
        request_id: Option<String>,
    },
    /// The contact was absorbed by another (410).
    #[error("Intercom answered 410: the contact was merged into another")]
    Merged {
        /// Intercom's id of the contact that survives; none if the answer does not name it.
        into: Option<String>,
        /// Intercom's id of the request.
        request_id: Option<String>,
    },
    /// Nobody knows any more whose pseudonym this is, so Intercom cannot be asked.
    #[error("its pseudonym cannot be turned back into Intercom's id")]
    NotRemembered,
    /// Intercom does not take the request as it is (other 4xx).
    #[error("Intercom answered {status} {code}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// Intercom's word.
        code: String,
        /// Intercom's id of the request.
        request_id: Option<String>,
    },
    /// The answer is none that can be read: empty, cut, another shape.
    #[error("Intercom's answer cannot be read: it {problem}")]
    Malformed {
        /// What is wrong with it.
        problem: String,
        /// Intercom's id of the request.
        request_id: Option<String>,
    },
}

impl ReadError {
    /// Intercom's id of the request, to quote to Intercom.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Transport(_) | Self::NotRemembered => None,
            Self::Denied { request_id, .. }
            | Self::NotFound { request_id }
            | Self::Merged { request_id, .. }
            | Self::Rejected { request_id, .. }
            | Self::Malformed { request_id, .. } => request_id.as_deref(),
        }
    }

    /// Whether another app, or another process, holds the workspace's only scroll.
    pub fn is_scroll_taken(&self) -> bool {
        matches!(self, Self::Rejected { code, .. } if code == "scroll_exists")
    }
}
