//! A way to a store that can be cut.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Stands between a client and a server; while it is cut, the server is away.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    up: watch::Sender<bool>,
    server: String,
    listening: Arc<Mutex<JoinSet<()>>>,
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
            up: watch::Sender::new(true),
            server,
            listening: Arc::default(),
        };
        link.listen(listener);
        (link, url.into())
    }

    /// Breaks every connection and refuses new ones.
    pub fn cut(&self) {
        self.up.send_replace(false);
        self.listening().abort_all();
    }

    /// Lets connections through again.
    pub async fn mend(&self) {
        self.up.send_replace(true);
        let listener = TcpListener::bind(self.address)
            .await
            .expect("the port is still free");
        self.listen(listener);
    }

    fn listen(&self, listener: TcpListener) {
        let (up, server) = (self.up.subscribe(), self.server.clone());
        self.listening().spawn(async move {
            let mut carried = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                carried.spawn(carry(client, server.clone(), up.clone()));
            }
        });
    }

    fn listening(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn carry(mut client: TcpStream, server: String, mut up: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = up.wait_for(|up| !up) => {}
    }
}
