//! Accepts connections and lets them finish when told to stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::app::{self, App};
use crate::config::Config;
use crate::storyteller;
use crate::webhooks::Webhooks;

/// How long requests under way may take once the simulator stops.
const DRAIN: Duration = Duration::from_secs(5);

/// Marks an answer in whose stead the connection closes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Severed;

/// Why the simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("cannot use the state directory")]
    State(#[source] io::Error),
}

/// Intercom, played.
#[derive(Debug)]
pub struct Simulator;

/// A running simulator; it stops when dropped, at once, or by [`Handle::stop`], with grace.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    app: Arc<App>,
    shutdown: CancellationToken,
    serving: JoinSet<()>,
    /// What goes on by itself; it ends with the handle.
    _telling: JoinSet<()>,
}

impl Simulator {
    /// Starts to listen; answers from then on.
    pub async fn start(config: Config) -> Result<Handle, StartError> {
        let address = config.listen;
        let app = Arc::new(App::new(config).map_err(StartError::State)?);
        let listening = async {
            let listener = TcpListener::bind(address).await?;
            Ok((listener.local_addr()?, listener))
        };
        let (address, listener) = listening
            .await
            .map_err(|source| StartError::Listen { address, source })?;
        let shutdown = CancellationToken::new();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, app::router(app.clone()), shutdown.clone()));
        let mut telling = JoinSet::new();
        telling.spawn(Webhooks::run(app.clone()));
        telling.spawn(storyteller::run(app.clone()));
        telling.spawn(storyteller::churn::run(app.clone()));
        Ok(Handle {
            address,
            app,
            shutdown,
            serving,
            _telling: telling,
        })
    }
}

impl Handle {
    /// Where it answers, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The moment its story has reached, in Unix seconds.
    pub fn epoch(&self) -> i64 {
        self.app.epoch
    }

    /// Finishes what is under way, for at most five seconds.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.serving.join_next().await.is_some() {}
    }
}

async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = shutdown.cancelled() => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, most likely: others have to close first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        connections.spawn(attend(stream, router.clone(), graceful.watcher()));
    }
    drop(listener);
    // Whoever is not done by then is cut off.
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
}

async fn attend(stream: TcpStream, router: Router, watcher: hyper_util::server::graceful::Watcher) {
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request: Request<Incoming>| answer(router.clone(), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection = builder
        .serve_connection(TokioIo::new(stream), answer)
        .into_owned();
    // A connection that breaks is the client's affair.
    let _ = watcher.watch(connection).await;
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, io::Error> {
    let response: Result<Response, Infallible> = router.oneshot(request).await;
    let Ok(response) = response;
    if response.extensions().get::<Severed>().is_some() {
        return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
    }
    Ok(response)
}
