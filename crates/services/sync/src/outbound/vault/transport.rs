use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use harken_contracts::wire::vault::v1::{
    CallChunk, CallHead, CallPriority, CallRequest, call_chunk::Chunk, vault_client::VaultClient,
};
use harken_domain::{ConnectionId, OrganizationId};
use harken_intercom::{Priority, Request, Response, Transport, TransportError};
use harken_runtime::{Authorized, ServiceChannel, status};
use tokio::time::Instant;
use tonic::{Code, Status, Streaming};

use super::Gauge;

/// Most bytes that one answer may have: a page of 150 contacts, or a conversation of 500 long parts, stays far below.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// How long an answer may take, the wait for the rate budget included.
const ANSWER_WITHIN: Duration = Duration::from_mins(3);

/// Sends the requests of one connection, and counts them.
#[derive(Clone, Debug)]
pub(crate) struct VaultTransport {
    client: VaultClient<Authorized>,
    connection: ConnectionId,
    requests: Arc<AtomicU64>,
    gauge: Option<Arc<Gauge>>,
}

impl VaultTransport {
    pub(crate) fn new(
        channel: &ServiceChannel,
        organization: OrganizationId,
        connection: ConnectionId,
        requests: Arc<AtomicU64>,
    ) -> Self {
        let limit = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
        Self {
            client: VaultClient::new(channel.for_organization(organization))
                .max_decoding_message_size(limit),
            connection,
            requests,
            gauge: None,
        }
    }

    /// The same, its answers measured.
    pub(crate) fn measured_by(self, gauge: Arc<Gauge>) -> Self {
        Self {
            gauge: Some(gauge),
            ..self
        }
    }

    async fn call(&self, request: Request) -> Result<Response, Status> {
        let request = CallRequest {
            connection_id: self.connection.to_string(),
            method: request.method.as_str().to_owned(),
            path: request.path,
            body: request.body.unwrap_or_default(),
            priority: match request.priority {
                Priority::Interactive => CallPriority::Interactive,
                Priority::Repair => CallPriority::Repair,
                Priority::Backfill => CallPriority::Backfill,
            }
            .into(),
            max_body_bytes: MOST_BYTES,
        };
        let mut chunks = self.client.clone().call(request).await?.into_inner();
        let head = head(&mut chunks).await?;
        let body = body(&mut chunks).await?;
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(Response {
            status: u16::try_from(head.status).unwrap_or_default(),
            request_id: given(head.request_id),
            canonical_link: given(head.canonical_link),
            budget_remaining: head.budget_remaining,
            budget_limit: head.budget_limit,
            waited_ms: head.waited_ms,
            body,
        })
    }
}

impl Transport for VaultTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("harken_sync_requests_total").increment(1);
        // Searches take longer, and are few.
        let gauge = self.gauge.as_ref().filter(|_| request.body.is_none());
        let began = Instant::now();
        match tokio::time::timeout(ANSWER_WITHIN, self.call(request)).await {
            Ok(Ok(response)) => {
                if let Some(gauge) = gauge {
                    let waited = Duration::from_millis(response.waited_ms.into());
                    let took = began.elapsed().saturating_sub(waited);
                    gauge.answered(took, response.budget_limit);
                }
                Ok(response)
            }
            Ok(Err(status)) => Err(failure(&status)),
            Err(_) => Err(TransportError::Interrupted {
                reason: format!("no answer within {} s", ANSWER_WITHIN.as_secs()),
            }),
        }
    }
}

async fn head(chunks: &mut Streaming<CallChunk>) -> Result<CallHead, Status> {
    match chunks.message().await? {
        Some(CallChunk {
            chunk: Some(Chunk::Head(head)),
        }) => Ok(head),
        _ => Err(Status::internal("the answer does not begin with its head")),
    }
}

/// The body whole; one that came in one piece is not copied.
async fn body(chunks: &mut Streaming<CallChunk>) -> Result<Bytes, Status> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(chunk) = chunks.message().await? {
        let Some(Chunk::Body(piece)) = chunk.chunk else {
            continue;
        };
        if first.is_empty() && all.is_empty() {
            first = piece;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&piece);
        if all.len() as u64 > MOST_BYTES {
            return Err(Status::resource_exhausted("the answer is too large"));
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// What the vault's refusal means to one who reads. Its messages are words for people.
pub(super) fn failure(refusal: &Status) -> TransportError {
    let reason = refusal.message().to_owned();
    match (status::reason_of(refusal).as_deref(), refusal.code()) {
        (Some("CONNECTION_BROKEN"), _) => TransportError::ConnectionBroken { reason },
        (Some("INTERCOM_UNREACHABLE"), _) => TransportError::Unreachable {
            reason: without("Intercom is unreachable: ", reason),
        },
        (Some("INTERCOM_UNAVAILABLE"), _) => TransportError::Unavailable {
            reason: without("Intercom is unavailable: ", reason),
        },
        (Some("TOO_BUSY"), _) => TransportError::Interrupted { reason },
        (_, Code::ResourceExhausted) => TransportError::TooLarge {
            limit_bytes: MOST_BYTES,
        },
        (_, Code::NotFound | Code::FailedPrecondition) => {
            TransportError::ConnectionBroken { reason }
        }
        (_, Code::InvalidArgument | Code::PermissionDenied | Code::Unimplemented) => {
            TransportError::Refused { reason }
        }
        // The vault restarts, is overloaded, or cannot be reached: all of it passes.
        (_, code) => TransportError::Interrupted {
            reason: format!("{code:?}: {reason}"),
        },
    }
}

/// What the error itself says is not said twice.
fn without(prefix: &str, reason: String) -> String {
    reason
        .strip_prefix(prefix)
        .map(str::to_owned)
        .unwrap_or(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_vault_tells_of_intercom_is_said_once() {
        for (reason, told, expected) in [
            (
                "INTERCOM_UNAVAILABLE",
                "Intercom is unavailable: it answered 503",
                "Intercom is unavailable: it answered 503",
            ),
            (
                "INTERCOM_UNREACHABLE",
                "Intercom is unreachable: no answer within 30 s",
                "Intercom is unreachable: no answer within 30 s",
            ),
            (
                "INTERCOM_UNREACHABLE",
                "connection refused",
                "Intercom is unreachable: connection refused",
            ),
        ] {
            let error = failure(&status::unavailable(reason, told));
            assert_eq!(error.to_string(), expected);
        }
    }
}
