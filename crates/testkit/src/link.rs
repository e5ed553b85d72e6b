//! A way to a store that can be cut.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Stands between a client and a server; while it is cut the server is away, while it is held the server hangs.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    state: watch::Sender<State>,
    server: String,
    listening: Arc<Mutex<JoinSet<()>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Held,
    Cut,
}

impl Link {
    /// Opens a way to the server of `url`; answers it with the address by which to go.
    pub async fn to(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).expect("an address");
        let host = url.host_str().expect("a host");
        let server = format!("{host}:{}", url.port().expect("a port"));
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let link = Self {
            address,
            state: watch::Sender::new(State::Open),
            server,
            listening: Arc::default(),
        };
        link.listen(listener);
        (link, url.into())
    }

    /// Breaks every connection and refuses new ones.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
        self.listening().abort_all();
    }

    /// Keeps every connection and carries nothing.
    pub fn hold(&self) {
        self.state.send_replace(State::Held);
    }

    /// Carries again what was held.
    pub fn release(&self) {
        self.state.send_replace(State::Open);
    }

    /// Lets connections through again.
    pub async fn mend(&self) {
        self.state.send_replace(State::Open);
        let listener = TcpListener::bind(self.address)
            .await
            .expect("the port is still free");
        self.listen(listener);
    }

    fn listen(&self, listener: TcpListener) {
        let (state, server) = (self.state.subscribe(), self.server.clone());
        self.listening().spawn(async move {
            let mut carried = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                carried.spawn(carry(client, server.clone(), state.clone()));
            }
        });
    }

    fn listening(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn carry(mut client: TcpStream, server: String, mut state: watch::Receiver<State>) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let mut carrying = pin!(copy_bidirectional(&mut client, &mut server));
    loop {
        let now = *state.borrow_and_update();
        let changed = match now {
            State::Cut => return,
            State::Held => state.changed().await,
            State::Open => tokio::select! {
                _ = &mut carrying => return,
                changed = state.changed() => changed,
            },
        };
        if changed.is_err() {
            return;
        }
    }
}
