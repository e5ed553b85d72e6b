use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long Intercom waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// An answer larger than this is none of ours.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What the edge said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Of HTTP.
    pub status: u16,
    /// Where the notification was kept: `stream`, `spool` or `quarantine`.
    pub kept: Option<String>,
    /// Whether the edge ends the connection.
    pub closes: bool,
}

impl Answer {
    /// Whether Intercom takes it as delivered.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// There is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Nobody listens, or the connection ended.
    #[error("the connection broke")]
    Connection,
    /// It took longer than Intercom waits.
    #[error("no answer within five seconds")]
    Late,
    /// It is not HTTP.
    #[error("what came is no answer")]
    Gibberish,
}

/// A connection to the edge, kept for the next request and made anew when it broke.
#[derive(Debug)]
pub struct Poster {
    edge: SocketAddr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Poster {
    /// Connects with the first request.
    pub const fn new(edge: SocketAddr) -> Self {
        Self {
            edge,
            stream: None,
            read: Vec::new(),
        }
    }

    /// Sends the bytes of a request and waits for the answer, with how long that took.
    pub async fn send(&mut self, request: &[u8]) -> (Result<Answer, Broken>, Duration) {
        let begun = Instant::now();
        let answered = timeout(PATIENCE, self.exchange(request)).await;
        let answer = answered.unwrap_or(Err(Broken::Late));
        if answer.as_ref().map_or(true, |answer| answer.closes) {
            self.stream = None;
        }
        (answer, begun.elapsed())
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer, Broken> {
        let gone = |_| Broken::Connection;
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.edge).await.map_err(gone)?;
            stream.set_nodelay(true).map_err(gone)?;
            self.stream = Some(stream);
        }
        let stream = self.stream.as_mut().ok_or(Broken::Connection)?;
        stream.write_all(request).await.map_err(gone)?;
        self.read.clear();
        loop {
            if stream.read_buf(&mut self.read).await.map_err(gone)? == 0 {
                return Err(Broken::Connection);
            }
            if let Some(answer) = parse(&self.read)? {
                return Ok(answer);
            }
            if self.read.len() > MAX_ANSWER_BYTES {
                return Err(Broken::Gibberish);
            }
        }
    }
}

/// The answer, once its head and its body are there.
fn parse(read: &[u8]) -> Result<Option<Answer>, Broken> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(parsed) = response.parse(read) else {
        return Err(Broken::Gibberish);
    };
    let httparse::Status::Complete(head) = parsed else {
        return Ok(None);
    };
    let header = |name: &str| {
        let found = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let body: usize = header("content-length")
        .map_or(Ok(0), str::parse)
        .map_err(|_| Broken::Gibberish)?;
    if read.len() < head + body {
        return Ok(None);
    }
    Ok(Some(Answer {
        status: response.code.ok_or(Broken::Gibberish)?,
        kept: header("harken-stored").map(str::to_owned),
        closes: header("connection").is_some_and(|said| said.eq_ignore_ascii_case("close")),
    }))
}

/// The bytes of a signed request, as Intercom sends it.
pub fn request(path: &str, secret: &str, body: &[u8]) -> Vec<u8> {
    let signature = hub_signature(secret.as_bytes(), body);
    let mut request = format!(
        "POST {path} HTTP/1.1\r\n\
         host: harken.example\r\n\
         user-agent: intercom-parrot-service-client/1.0\r\n\
         accept: application/json\r\n\
         content-type: application/json\r\n\
         x-hub-signature: {signature}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// What Intercom writes into `X-Hub-Signature`.
pub fn hub_signature(secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).unwrap();
    mac.update(body);
    let mut text = "sha1=".to_owned();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second vector of RFC 2202.
    #[test]
    fn a_signature_is_an_hmac_of_the_body() {
        let signature = hub_signature(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(signature, "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    #[test]
    fn an_answer_is_whole_with_its_last_byte() {
        let said = b"HTTP/1.1 200 OK\r\nharken-stored: spool\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(parse(&said[..said.len() - 1]), Ok(None));
        let answer = parse(said).unwrap().unwrap();
        assert_eq!(
            (answer.status, answer.kept.as_deref()),
            (200, Some("spool"))
        );
        assert!(answer.is_success() && !answer.closes);
        assert_eq!(parse(b"no HTTP at all\r\n\r\n"), Err(Broken::Gibberish));
    }
}
