use bytes::Bytes;

/// What carries a request to Intercom and its answer back.
///
/// Repeats, the rate budget and the token are the transport's business. Whatever Intercom answers with a status of its
/// own is a [`Response`], also 403, 404 and 410.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the whole answer.
    fn send(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, TransportError>> + Send;
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Searches.
    Post,
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Who waits for an answer; the order in which the rate budget serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// A person or a panel.
    Interactive,
    /// Repair after a webhook.
    Repair,
    /// A run.
    Backfill,
}

/// One request to Intercom, without host and token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How it is sent.
    pub method: Method,
    /// Path and query, beginning with `/`.
    pub path: String,
    /// JSON body.
    pub body: Option<Bytes>,
    /// Who waits for it.
    pub priority: Priority,
}

/// What Intercom answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Intercom's id of the request, to quote to Intercom.
    pub request_id: Option<String>,
    /// Target of the `Link` header with `rel="canonical"`, such as `/contacts/5ba682d23d7cf92bef87bfd4`.
    pub canonical_link: Option<String>,
    /// Requests still permitted in this window, as Intercom said.
    pub budget_remaining: Option<u32>,
    /// Requests per window, as Intercom said.
    pub budget_limit: Option<u32>,
    /// Milliseconds for which the request waited for the budget.
    pub waited_ms: u32,
    /// The body, unread.
    pub body: Bytes,
}

/// Why there is no answer of Intercom. The reasons are words for people, without a token, a body or a person's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The token is dead. Only a new connection helps.
    #[error("the connection to Intercom is broken: {reason}")]
    ConnectionBroken {
        /// What showed it.
        reason: String,
    },
    /// No answer after repeats: network, name resolution, TLS, time. Later may help.
    #[error("Intercom is unreachable: {reason}")]
    Unreachable {
        /// What failed.
        reason: String,
    },
    /// 5xx or 429 after repeats. Later may help.
    #[error("Intercom is unavailable: {reason}")]
    Unavailable {
        /// What Intercom answered.
        reason: String,
    },
    /// The answer is larger than was asked for. Repeating does not help.
    #[error("Intercom's answer is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The most that was allowed.
        limit_bytes: u64,
    },
    /// The transport does not take the request: malformed, or the connection is unknown to it. Repeating does not help.
    #[error("the request was refused before it reached Intercom: {reason}")]
    Refused {
        /// What is wrong.
        reason: String,
    },
    /// The way to the transport itself is interrupted. Soon may help.
    #[error("the vault is not reachable: {reason}")]
    Interrupted {
        /// What failed.
        reason: String,
    },
}

impl TransportError {
    /// Whether the same request may succeed later.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unavailable { .. } | Self::Interrupted { .. } => true,
            Self::ConnectionBroken { .. } | Self::TooLarge { .. } | Self::Refused { .. } => false,
        }
    }
}
