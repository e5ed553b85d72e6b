use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::rules::outcome::Refusal;

/// Most bytes of a body.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Most bytes of all bodies that are being taken.
const MOST_WAITING_BYTES: usize = 256 << 20;

/// How many bytes of bodies are being taken, in all.
#[derive(Clone, Debug, Default)]
pub(super) struct Room(Arc<AtomicUsize>);

/// A part of the room, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Room,
    bytes: usize,
}

impl Room {
    pub(super) const fn taken(self) -> Taken {
        Taken {
            room: self,
            bytes: 0,
        }
    }
}

impl Taken {
    fn more(&mut self, bytes: usize) -> Result<(), Refusal> {
        let before = self.room.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before + bytes > MOST_WAITING_BYTES {
            return Err(Refusal::Full);
        }
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Refused(Refusal),
    /// What came is no body; the connection is of no use any more.
    Broken,
}

/// Reads a body of at most `most` bytes that is whole by then, counting as it comes.
pub(super) async fn read(
    mut body: Incoming,
    most: usize,
    taken: &mut Taken,
    by: Instant,
) -> Result<Bytes, Unread> {
    let announced = body.size_hint().lower();
    if announced > most as u64 {
        return Err(Unread::Refused(Refusal::TooLarge));
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let frame = match timeout_at(by, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Unread::Broken),
            Ok(None) => break,
            Err(_) => return Err(Unread::Refused(Refusal::TooSlow)),
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if first.len() + rest.len() + data.len() > most {
            return Err(Unread::Refused(Refusal::TooLarge));
        }
        taken.more(data.len()).map_err(Unread::Refused)?;
        // Most bodies come in one piece and are not copied.
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}
