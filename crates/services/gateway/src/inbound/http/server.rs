//! The accept loop: bounded in connections and in the time that a client may take for its headers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use harken_runtime::{Shutdown, Tasks};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

const MAX_CONNECTIONS: usize = 4_096;
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// How long requests may go on after the process was told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// After an accept fails for want of file descriptors.
const BREATHER: Duration = Duration::from_millis(100);

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Serves until the process stops, then lets what was begun end.
pub(crate) async fn serve(listener: TcpListener, router: Router, tasks: Tasks, shutdown: Shutdown) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.requested() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(cause) => {
                tracing::debug!(error = %cause, "a connection was not accepted");
                tokio::time::sleep(BREATHER).await;
                continue;
            }
        };
        let conversation = converse(stream, peer, router.clone(), &graceful);
        tasks.spawn_background("http connection", async move {
            conversation.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => tracing::warn!("some connections did not end in time"),
    }
}

fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    // Small answers are not held back for more.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(tower::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    }));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128);
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let watched = graceful.watch(connection);
    async move {
        if let Err(cause) = watched.await {
            tracing::debug!(error = %cause, "a connection ended early");
        }
    }
}
