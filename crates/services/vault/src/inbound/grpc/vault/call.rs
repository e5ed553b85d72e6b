use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, Stream, StreamExt as _};
use harken_contracts::wire::vault::v1::call_chunk::Chunk;
use harken_contracts::wire::vault::v1::{CallChunk, CallHead, CallPriority, CallRequest};
use harken_intercom::{Priority, Request as IntercomRequest};
use harken_runtime::{CallContext, status};
use tonic::{Request, Status};
use tracing::Instrument as _;

use super::super::{fields, status as answer};
use crate::app::Vault;
use crate::outbound::intercom::{Reply, SendError};
use crate::rules::read_only::{self, Refusal};

/// Who may have calls made.
const CALLERS: &[&str] = &["sync", "triage"];
const USUAL_LIMIT_BYTES: u64 = 64 << 20;
/// Of a body, what is worth a message of its own.
const PIECE_BYTES: usize = 64 << 10;

/// Answers at once with a stream: its head may have to wait for the budget longer than a server waits for an answer.
pub(super) fn call(
    vault: Arc<Vault>,
    request: Request<CallRequest>,
) -> Result<BoxStream<'static, Result<CallChunk, Status>>, Status> {
    let context = CallContext::of(&request)?;
    context.require_service(CALLERS)?;
    let organization = context.organization()?;
    let asked = request.into_inner();
    let connection = fields::id("connection_id", &asked.connection_id)?;
    let method = read_only::admit(&asked.method, &asked.path).map_err(refused)?;
    let priority = match asked.priority() {
        CallPriority::Interactive => Priority::Interactive,
        CallPriority::Repair => Priority::Repair,
        CallPriority::Backfill | CallPriority::Unspecified => Priority::Backfill,
    };
    let limit_bytes = match asked.max_body_bytes {
        0 => USUAL_LIMIT_BYTES,
        limit => limit,
    };
    let body = Some(asked.body).filter(|body| !body.is_empty());
    let request = IntercomRequest {
        method,
        path: asked.path,
        body,
        priority,
    };
    let answered = async move {
        match vault.call(organization, connection, &request).await {
            Ok(reply) => whole(reply, limit_bytes).left_stream(),
            Err(error) => stream::iter([Err(answer::call(error))]).right_stream(),
        }
    };
    Ok(answered.in_current_span().flatten_stream().boxed())
}

/// Head and first piece go together: most answers are no more than that.
fn whole(reply: Reply, limit_bytes: u64) -> impl Stream<Item = Result<CallChunk, Status>> + Send {
    let head = CallChunk {
        chunk: Some(Chunk::Head(head(&reply))),
    };
    let mut body = body_of(reply, limit_bytes).boxed().fuse();
    async move {
        let first = body.next().await;
        stream::iter([Ok(head)].into_iter().chain(first)).chain(body)
    }
    .flatten_stream()
}

fn refused(refusal: Refusal) -> Status {
    match refusal {
        Refusal::Writes => status::permission_denied("READ_ONLY", refusal.to_string()),
        Refusal::Malformed => status::invalid_argument("path", refusal.to_string()),
    }
}

fn head(reply: &Reply) -> CallHead {
    CallHead {
        status: reply.status.into(),
        request_id: reply.request_id.clone().unwrap_or_default(),
        canonical_link: reply.canonical_link.clone().unwrap_or_default(),
        budget_remaining: reply.window.map(|window| window.remaining),
        budget_limit: reply.window.map(|window| window.limit),
        waited_ms: u32::try_from(reply.waited.as_millis()).unwrap_or(u32::MAX),
    }
}

/// The body piece by piece, at most `limit_bytes` of it.
fn body_of(reply: Reply, limit_bytes: u64) -> impl Stream<Item = Result<CallChunk, Status>> + Send {
    stream::unfold(Some((reply, limit_bytes)), move |rest| async move {
        let (mut reply, left) = rest?;
        match piece(&mut reply).await {
            Ok(None) => None,
            Ok(Some(piece)) => match left.checked_sub(piece.len() as u64) {
                Some(left) => {
                    let chunk = CallChunk {
                        chunk: Some(Chunk::Body(piece)),
                    };
                    Some((Ok(chunk), Some((reply, left))))
                }
                None => Some((Err(too_large(limit_bytes)), None)),
            },
            Err(error) => Some((Err(answer::send(&error)), None)),
        }
    })
}

/// What arrives until a piece is worth a message; what arrives at once is not copied.
async fn piece(reply: &mut Reply) -> Result<Option<Bytes>, SendError> {
    let Some(first) = reply.chunk().await? else {
        return Ok(None);
    };
    let mut gathered = BytesMut::new();
    while first.len().max(gathered.len()) < PIECE_BYTES
        && let Some(next) = reply.chunk().await?
    {
        if gathered.is_empty() {
            gathered.reserve(PIECE_BYTES);
            gathered.extend_from_slice(&first);
        }
        gathered.extend_from_slice(&next);
    }
    Ok(Some(if gathered.is_empty() {
        first
    } else {
        gathered.freeze()
    }))
}

fn too_large(limit_bytes: u64) -> Status {
    let message = format!("Intercom's answer is larger than {limit_bytes} bytes");
    status::resource_exhausted("ANSWER_TOO_LARGE", message)
}
