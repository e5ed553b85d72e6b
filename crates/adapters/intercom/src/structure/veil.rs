use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _},
};

use super::{
    Pseudonym, PseudonymKey, RawId,
    person::{BYTES, bytes_of},
};

/// Most ids kept in memory: those of a few pages, so that what a page shows can be asked about.
const MOST_REMEMBERED: usize = 32 * 1024;
const NONCE_BYTES: usize = 24;

/// What stands between Intercom and a reader to whom people are pseudonyms. It lives as long as a run, a repair or a request,
/// and so do the ids that it has met.
pub struct Veil {
    key: PseudonymKey,
    met: Mutex<Met>,
}

/// Ids that were met last, by their pseudonyms.
#[derive(Default)]
struct Met {
    ids: HashMap<[u8; BYTES], Box<str>>,
    in_order: VecDeque<[u8; BYTES]>,
}

impl fmt::Debug for Veil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Veil")
    }
}

impl Veil {
    /// A veil under a connection's key.
    pub fn new(key: PseudonymKey) -> Self {
        Self {
            key,
            met: Mutex::default(),
        }
    }

    /// Makes a pseudonym of an id, and remembers the id for a while.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "who hides an id gives it away"
    )]
    pub(crate) fn hide(&self, id: RawId) -> Pseudonym {
        let pseudonym = self.key.pseudonym(&id);
        let spelled = String::from(pseudonym.clone());
        if let Some(bytes) = bytes_of(&spelled) {
            let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
            if met.ids.insert(bytes, id.as_str().into()).is_none() {
                met.in_order.push_back(bytes);
            }
            if met.in_order.len() > MOST_REMEMBERED
                && let Some(oldest) = met.in_order.pop_front()
            {
                met.ids.remove(&oldest);
            }
        }
        pseudonym
    }

    /// The id behind a pseudonym, if it was met not long ago.
    pub(crate) fn lift(&self, pseudonym: &str) -> Option<String> {
        let bytes = bytes_of(pseudonym)?;
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.ids.get(&bytes).map(ToString::to_string)
    }

    /// Seals a place in a list, for it is made of ids. The same place is sealed into the same words.
    pub(crate) fn seal(&self, place: &str) -> String {
        let nonce: [u8; 32] = self.key.mac(&[b"place nonce", place.as_bytes()]);
        let nonce = &nonce[..NONCE_BYTES];
        let sealed = self
            .cipher()
            .encrypt(&nonce_of(nonce), place.as_bytes())
            .unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode([nonce, &sealed].concat())
    }

    /// Opens a place that was sealed under the same key.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let opened = self.cipher().decrypt(&nonce_of(nonce), sealed).ok()?;
        String::from_utf8(opened).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.key.mac(&[b"places"])))
    }
}

fn nonce_of(bytes: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(bytes);
    XNonce::from(nonce)
}
