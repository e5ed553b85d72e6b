use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::doorkeeper::{Guest, Phase};

/// A connection whose guest is known, and whose heads end their lines as they must.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    guest: Arc<Guest>,
    head: Head,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, guest: Arc<Guest>) -> Self {
        Self {
            stream,
            guest,
            head: Head::default(),
        }
    }

    fn heard(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.guest.phase() == Phase::Idle {
            self.guest.enter(Phase::Head);
            self.head.begin();
        }
        if self.guest.phase() == Phase::Head && !self.head.takes(bytes) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line of the head ends in LF or CR alone",
            ));
        }
        Ok(())
    }
}

/// Line endings of a head: two readers who take a bare LF differently see different requests.
#[derive(Debug, Default)]
struct Head {
    last: u8,
    /// Bytes of the blank line that ends it.
    blank: u8,
    is_over: bool,
    /// Bytes of `PRI `, with which HTTP/2 begins.
    preface: usize,
    is_http2: bool,
}

impl Head {
    const PREFACE: &[u8] = b"PRI ";

    fn begin(&mut self) {
        if !self.is_http2 {
            *self = Self {
                preface: usize::MAX,
                ..Self::default()
            };
        }
    }

    fn takes(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            if self.is_over || self.is_http2 {
                break;
            }
            match Self::PREFACE.get(self.preface) {
                Some(expected) if expected == byte => self.preface += 1,
                _ => self.preface = usize::MAX,
            }
            self.is_http2 = self.preface == Self::PREFACE.len();
            let ends_line = *byte == b'\n';
            if ends_line != (self.last == b'\r') {
                return false;
            }
            self.blank = match (byte, self.blank) {
                (b'\r', 0 | 2) | (b'\n', 1 | 3) => self.blank + 1,
                _ => 0,
            };
            self.is_over = self.blank == 4;
            self.last = *byte;
        }
        true
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let new = &buffer.filled()[before..];
        Poll::Ready(if new.is_empty() {
            Ok(())
        } else {
            self.heard(new)
        })
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_taken(text: &[u8], piece: usize) -> bool {
        let mut head = Head::default();
        text.chunks(piece).all(|bytes| head.takes(bytes))
    }

    #[test]
    fn lines_of_a_head_end_in_both_however_it_is_cut() {
        let table: &[(&[u8], bool)] = &[
            (b"POST / HTTP/1.1\r\nHost: x\r\n\r\nbody\nand\rmore", true),
            (b"POST / HTTP/1.1\nHost: x\n\n", false),
            (b"POST / HTTP/1.1\r\nHost: x\n\r\n", false),
            (b"POST / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", false),
            (b"POST / HTTP/1.1\r\nHost: x\r\r\n\r\n", false),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\n\x00\r\r", true),
            (b"PRIX\n", false),
        ];
        for (text, taken) in table {
            for piece in 1..=text.len() {
                assert_eq!(is_taken(text, piece), *taken, "{text:?} by {piece}");
            }
        }
    }

    #[test]
    fn the_next_head_is_read_as_strictly() {
        let mut head = Head::default();
        assert!(head.takes(b"POST / HTTP/1.1\r\n\r\n\n"));
        head.begin();
        assert!(!head.takes(b"POST / HTTP/1.1\n"));
    }
}
