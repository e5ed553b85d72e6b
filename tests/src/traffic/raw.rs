use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection that says nothing for this long has said all.
const SILENCE: Duration = Duration::from_millis(400);

/// Everything that came back for some bytes.
#[derive(Debug)]
pub struct Heard {
    /// Status of each answer, in order.
    pub statuses: Vec<u16>,
    /// Whether the other side ended the connection.
    pub is_closed: bool,
}

/// Writes bytes as they are on a connection of their own, and listens until it ends or falls silent.
pub async fn say(edge: SocketAddr, bytes: &[u8]) -> Result<Heard> {
    let mut stream = TcpStream::connect(edge).await?;
    // The other side may hang up while it is still being spoken to.
    let _ = stream.write_all(bytes).await;
    let mut heard = Vec::new();
    let is_closed = loop {
        match timeout(SILENCE, stream.read_buf(&mut heard)).await {
            Err(_) => break false,
            Ok(Ok(0) | Err(_)) => break true,
            Ok(Ok(_)) => {}
        }
    };
    let heard = String::from_utf8_lossy(&heard);
    let statuses = heard.split("HTTP/1.1 ").skip(1);
    let statuses = statuses.filter_map(|answer| answer.get(..3)?.parse().ok());
    Ok(Heard {
        statuses: statuses.collect(),
        is_closed,
    })
}
