//! The body of an answer, watched to its end.

use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use http::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::{Code, Status};

use super::call::Call;
use super::{MAX_ANSWER_BYTES, request_id};
use crate::status;

/// How long a stream may stay silent once the process stops.
const SILENCE: Duration = Duration::from_secs(1);

/// Counts the call when its body ends, turns a panic inside into INTERNAL, and ends a silent stream when the process stops.
pub(super) struct Answer {
    inner: Body,
    call: Call,
    request_id: Arc<str>,
    stopping: CancellationToken,
    silence: Option<BoxFuture<'static, ()>>,
    done: bool,
}

type Polled = Poll<Option<Result<Frame<Bytes>, Status>>>;

impl Answer {
    pub(super) fn new(
        inner: Body,
        call: Call,
        request_id: Arc<str>,
        stopping: CancellationToken,
    ) -> Self {
        Self {
            inner,
            call,
            request_id,
            stopping,
            silence: None,
            done: false,
        }
    }

    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Polled {
        let span = self.call.span().clone();
        let id = Arc::clone(&self.request_id);
        request_id::CURRENT.sync_scope(id, || {
            let _entered = span.enter();
            let polled = AssertUnwindSafe(|| Pin::new(&mut self.inner).poll_frame(cx));
            match panic::catch_unwind(polled) {
                Ok(polled) => polled,
                Err(_) => self.finish(&status::internal(&Panicked)),
            }
        })
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Polled {
        let silence = self.silence.get_or_insert_with(|| {
            let stopping = self.stopping.clone();
            async move {
                stopping.cancelled().await;
                tokio::time::sleep(SILENCE).await;
            }
            .boxed()
        });
        ready!(silence.poll_unpin(cx));
        self.finish(&status::unavailable(
            "STOPPING",
            "this server stops; ask again",
        ))
    }

    /// Ends the body with `status`.
    fn finish(&mut self, status: &Status) -> Polled {
        self.done = true;
        self.call.end(status.code());
        let mut trailers = HeaderMap::new();
        match status.add_header(&mut trailers) {
            Ok(()) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Err(status) => Poll::Ready(Some(Err(status))),
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = &mut *self;
        if this.done {
            return Poll::Ready(None);
        }
        let Poll::Ready(frame) = this.poll_inner(cx) else {
            return this.poll_silence(cx);
        };
        this.silence = None;
        match frame {
            Some(Ok(frame)) => {
                if frame
                    .data_ref()
                    .is_some_and(|data| data.len() > MAX_ANSWER_BYTES)
                {
                    let status = status::resource_exhausted(
                        "ANSWER_TOO_LARGE",
                        "the answer is too large; ask for a smaller slice",
                    );
                    return this.finish(&status);
                }
                if let Some(trailers) = frame.trailers_ref() {
                    this.call.end(code_of(trailers));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(status)) => {
                this.call.end(status.code());
                Poll::Ready(Some(Err(status)))
            }
            None => {
                this.call.end(Code::Ok);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.done || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// How a call ended, from its trailers.
pub(super) fn code_of(trailers: &HeaderMap) -> Code {
    Status::from_header_map(trailers).map_or(Code::Unknown, |status| status.code())
}

/// Runs `work` and turns its panic into INTERNAL.
pub(super) async fn unpanicked<T>(work: impl Future<Output = T>) -> Result<T, Status> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .map_err(|_| status::internal(&Panicked))
        .await
}

#[derive(Debug, thiserror::Error)]
#[error("the method panicked")]
struct Panicked;
