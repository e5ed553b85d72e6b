use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use harken_runtime::{Shutdown, Tasks};
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answer::Answer;
use super::body::Room;
use super::doorkeeper::{Doorkeeper, Guest, Phase, REQUEST_WITHIN};
use super::routes;
use super::wire::Wire;
use crate::app::Edge;

const MOST_HEADERS: usize = 64;
const MOST_HEAD_BYTES: u32 = 16 << 10;
const READ_BYTES: usize = 64 << 10;
const MOST_STREAMS: u32 = 64;
/// Notices of uninstalls passed on at once.
const MOST_UNINSTALLS: usize = 8;
/// After an accept fails for want of files.
const BREATHER: Duration = Duration::from_millis(50);
/// How long requests may go on after the door has closed.
const DRAIN: Duration = Duration::from_secs(15);

/// What every request is answered with.
pub(crate) struct Door {
    pub(super) edge: Arc<Edge>,
    pub(super) room: Room,
    pub(super) uninstalls: Semaphore,
    doorkeeper: Doorkeeper,
}

/// A request and who sent it.
pub(super) struct Received {
    pub(super) request: Request<Incoming>,
    pub(super) guest: Arc<Guest>,
    /// When it has to be whole.
    pub(super) by: Instant,
}

impl Door {
    pub(crate) fn new(edge: Arc<Edge>, connections: usize) -> Self {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let files = usize::try_from(files).unwrap_or(usize::MAX);
        Self {
            edge,
            room: Room::default(),
            uninstalls: Semaphore::new(MOST_UNINSTALLS),
            doorkeeper: Doorkeeper::new(connections.min(files / 2)),
        }
    }
}

/// Takes requests until `shutdown` and for `linger` more, then lets what was begun end.
pub(crate) async fn serve(
    listener: TcpListener,
    door: Arc<Door>,
    tasks: Tasks,
    shutdown: Shutdown,
    linger: Duration,
) {
    let (closing, close) = Shutdown::manual();
    let accept = async {
        loop {
            door.doorkeeper.place().await;
            match listener.accept().await {
                Ok((stream, _)) => {
                    let guest = door.doorkeeper.let_in();
                    let visit = visit(stream, guest, Arc::clone(&door), closing.clone());
                    tasks.spawn_background("edge connection", visit);
                }
                Err(cause) => {
                    tracing::debug!(error = %cause, "a connection was not accepted");
                    door.doorkeeper.show_one_out();
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
    };
    let stop = async {
        shutdown.requested().await;
        tokio::time::sleep(linger).await;
    };
    tokio::select! {
        () = accept => {}
        () = door.doorkeeper.keep_watch() => {}
        () = stop => {}
    }
    drop(listener);
    close.pull();
    if tokio::time::timeout(DRAIN, door.doorkeeper.all_left())
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
        door.doorkeeper.show_all_out();
    }
}

/// Answers the requests of one connection until it ends, takes too long, or the door closes.
async fn visit(stream: TcpStream, guest: Arc<Guest>, door: Arc<Door>, closing: Shutdown) {
    // Small answers are not held back for more.
    let _ = stream.set_nodelay(true);
    let wire = Wire::new(stream, Arc::clone(&guest));
    let service = service_fn(|request| {
        let (guest, door) = (Arc::clone(&guest), Arc::clone(&door));
        async move { Ok::<_, Infallible>(answer(&door, guest, request).await) }
    });
    let builder = builder();
    {
        let mut connection = pin!(builder.serve_connection(TokioIo::new(wire), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = guest.shown_out() => Ok(()),
            () = closing.requested() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    () = guest.shown_out() => Ok(()),
                }
            }
        };
        if let Err(cause) = ended {
            tracing::debug!(error = %cause, "a connection ended early");
        }
    }
    door.doorkeeper.left(&guest);
}

async fn answer(door: &Door, guest: Arc<Guest>, request: Request<Incoming>) -> Answer {
    // A head that came in pieces has used up some of the time.
    let began = match guest.phase() {
        Phase::Head => guest.since(),
        _ => Instant::now(),
    };
    guest.enter(Phase::Body);
    let received = Received {
        request,
        guest: Arc::clone(&guest),
        by: began + REQUEST_WITHIN,
    };
    let answer = routes::answer(door, received).await;
    guest.enter(Phase::Idle);
    answer
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The doorkeeper has the time.
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .max_buf_size(READ_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEAD_BYTES)
        .keep_alive_interval(Duration::from_secs(20));
    builder
}
