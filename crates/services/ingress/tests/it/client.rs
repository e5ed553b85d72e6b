//! HTTP by hand: a test says every byte.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use harken_intercom::webhook::HubKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn stored(&self) -> Option<&str> {
        self.header("harken-stored")
    }

    pub(crate) fn problem(&self) -> serde_json::Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // The other side may have closed: what it said before is still to be read.
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next answer; none if the connection ends without one.
    pub(crate) async fn reply(&mut self) -> Option<Reply> {
        let read = timeout(PATIENCE, self.read_reply()).await;
        read.expect("an answer or an end in time")
    }

    /// Whether the other side ends the connection.
    pub(crate) async fn ends(&mut self) -> bool {
        let mut rest = [0; 1024];
        let ended = timeout(PATIENCE, async {
            while matches!(self.stream.read(&mut rest).await, Ok(1..)) {}
        });
        ended.await.is_ok()
    }

    pub(crate) fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        self.stream.split()
    }

    async fn read_reply(&mut self) -> Option<Reply> {
        let end = loop {
            if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                break end;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.unread.drain(..end + 4).collect()).unwrap();
        let mut reply = Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head,
            ..Reply::default()
        };
        let length: usize = reply
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        while self.unread.len() < length {
            self.more().await?;
        }
        reply.body = self.unread.drain(..length).collect();
        Some(reply)
    }

    async fn more(&mut self) -> Option<()> {
        let mut piece = [0; 4096];
        let read = self
            .stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        self.unread.extend_from_slice(&piece[..read]);
        Some(())
    }
}

/// Waits until the other side has ended the connection.
pub(crate) async fn ended(stream: &mut ReadHalf<'_>) {
    let mut rest = [0; 1024];
    while matches!(stream.read(&mut rest).await, Ok(1..)) {}
}

pub(crate) async fn write(stream: &mut WriteHalf<'_>, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: edge\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    HubKey::new(secret.as_bytes())
        .unwrap()
        .sign(body)
        .to_string()
}

/// Posts on a connection of its own.
pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut client = Client::connect(address).await;
    client.send(&request("POST", path, headers, body)).await;
    client.reply().await.expect("an answer")
}
