//! What the gateway can be asked for, whoever asks and in whatever form.

mod activity;
mod connection_status;
mod dead_letters;
mod live;
mod sign_in_guard;
mod surroundings;
mod viewer;

use std::sync::Arc;

use harken_domain::Clock;
use harken_runtime::{CachedVerifier, RemoteVerifier, Shutdown};
use url::Url;

use crate::outbound::{Acting, Asking, Rooms};
use crate::rules::form_token::FormTokens;

pub(crate) use self::activity::{Activity, Entry, Movement};
pub(crate) use self::dead_letters::{DeadLetters, Disposal};
pub(crate) use self::live::{Live, LiveEvent, Subscription, Told};
pub(crate) use self::sign_in_guard::SignInGuard;
pub(crate) use self::surroundings::{Surroundings, standing};
pub(crate) use self::viewer::Viewer;

/// The gateway; clones share it.
#[derive(Clone)]
pub(crate) struct Gateway {
    shared: Arc<Shared>,
}

/// What the gateway consists of.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) rooms: Rooms,
    pub(crate) keys: CachedVerifier<RemoteVerifier>,
    pub(crate) form_tokens: FormTokens,
    pub(crate) live: Live,
    pub(crate) activity: Activity,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) sign_in_guard: SignInGuard,
    pub(crate) public_url: Url,
    pub(crate) consent_origins: Vec<String>,
    pub(crate) shutdown: Shutdown,
}

impl Gateway {
    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Asks the other services for a caller.
    pub(crate) fn ask(&self, acting: Acting) -> Asking {
        self.rooms.for_caller(acting)
    }

    /// Whether browsers reach the console by TLS alone.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

impl std::ops::Deref for Gateway {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}
