//! Whose API key is it?

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use harken_contracts::wire::auth::v1::VerifyApiKeyRequest;
use harken_contracts::wire::auth::v1::auth_client::AuthClient;
use harken_domain::{ApiKeyId, OrganizationId, Role};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tonic::{Code, async_trait};

use crate::{Authorized, ServiceChannel};

/// How long a known key is believed without asking again; so late may a revocation arrive.
const KNOWN_FOR: Duration = Duration::from_secs(30);
/// How long an unknown key is refused without asking again.
const UNKNOWN_FOR: Duration = Duration::from_secs(5);
/// Most keys remembered.
const MOST_KEYS: usize = 10_000;

/// What an API key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedKey {
    /// The key.
    pub id: ApiKeyId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// What it may do.
    pub role: Role,
}

/// Keys cannot be verified for now.
#[derive(Debug, thiserror::Error)]
#[error("API keys cannot be verified for now")]
pub struct VerifierUnavailable(#[source] Box<dyn std::error::Error + Send + Sync>);

impl VerifierUnavailable {
    /// Keeps why.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// Knows the API keys.
#[async_trait]
pub trait ApiKeyVerifier: Send + Sync {
    /// What the key with this secret stands for; none if it is unknown or revoked.
    async fn verify(&self, secret: &str) -> Result<Option<VerifiedKey>, VerifierUnavailable>;
}

/// Asks the vault.
#[derive(Clone, Debug)]
pub struct RemoteVerifier {
    auth: AuthClient<Authorized>,
}

impl RemoteVerifier {
    /// Asks the vault behind `vault`.
    pub fn new(vault: &ServiceChannel) -> Self {
        Self {
            auth: AuthClient::new(vault.for_no_organization()),
        }
    }
}

#[async_trait]
impl ApiKeyVerifier for RemoteVerifier {
    async fn verify(&self, secret: &str) -> Result<Option<VerifiedKey>, VerifierUnavailable> {
        let request = VerifyApiKeyRequest {
            secret: secret.to_owned(),
        };
        let key = match self.auth.clone().verify_api_key(request).await {
            Ok(answer) => answer.into_inner(),
            Err(status) if matches!(status.code(), Code::NotFound | Code::Unauthenticated) => {
                return Ok(None);
            }
            Err(status) => return Err(VerifierUnavailable::new(status)),
        };
        Ok(Some(VerifiedKey {
            role: Role::try_from(key.role()).map_err(VerifierUnavailable::new)?,
            id: key.api_key_id.parse().map_err(VerifierUnavailable::new)?,
            organization: key
                .organization_id
                .parse()
                .map_err(VerifierUnavailable::new)?,
        }))
    }
}

/// Remembers the answers of another verifier: a known key for 30 seconds, an unknown one for 5.
pub struct CachedVerifier<V> {
    inner: V,
    remembered: Mutex<Remembered>,
}

/// What the inner verifier answered, and when.
type Remembered = HashMap<Fingerprint, (Instant, Answer)>;
type Answer = Option<VerifiedKey>;

/// SHA-256 of a key's secret: the secret itself is not kept.
type Fingerprint = [u8; 32];

impl<V: ApiKeyVerifier> CachedVerifier<V> {
    /// Remembers what `inner` says.
    pub fn new(inner: V) -> Self {
        Self {
            inner,
            remembered: Mutex::default(),
        }
    }

    fn recall(&self, key: &Fingerprint) -> Option<Answer> {
        let (asked, answer) = self.remembered().get(key).copied()?;
        let lasts = if answer.is_some() {
            KNOWN_FOR
        } else {
            UNKNOWN_FOR
        };
        (asked.elapsed() < lasts).then_some(answer)
    }

    fn remember(&self, key: Fingerprint, answer: Answer) {
        let mut remembered = self.remembered();
        if remembered.len() >= MOST_KEYS {
            remembered.retain(|_, (asked, _)| asked.elapsed() < UNKNOWN_FOR);
        }
        if remembered.len() < MOST_KEYS {
            remembered.insert(key, (Instant::now(), answer));
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<V: ApiKeyVerifier> ApiKeyVerifier for CachedVerifier<V> {
    async fn verify(&self, secret: &str) -> Result<Option<VerifiedKey>, VerifierUnavailable> {
        let key = Sha256::digest(secret.as_bytes()).into();
        if let Some(answer) = self.recall(&key) {
            return Ok(answer);
        }
        let answer = self.inner.verify(secret).await?;
        self.remember(key, answer);
        Ok(answer)
    }
}

#[async_trait]
impl<V: ApiKeyVerifier + ?Sized> ApiKeyVerifier for Arc<V> {
    async fn verify(&self, secret: &str) -> Result<Option<VerifiedKey>, VerifierUnavailable> {
        (**self).verify(secret).await
    }
}

impl<V> fmt::Debug for CachedVerifier<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedVerifier").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
    }

    #[async_trait]
    impl ApiKeyVerifier for Counting {
        async fn verify(&self, secret: &str) -> Result<Option<VerifiedKey>, VerifierUnavailable> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            Ok((secret == "hk_good").then(|| VerifiedKey {
                id: ApiKeyId::derive(&[b"k"]),
                organization: OrganizationId::derive(&[b"o"]),
                role: Role::Member,
            }))
        }
    }

    async fn asked_after(secret: &str, wait: Duration) -> usize {
        let cached = CachedVerifier::new(Counting::default());
        cached.verify(secret).await.unwrap();
        tokio::time::advance(wait).await;
        cached.verify(secret).await.unwrap();
        cached.inner.asked.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_known_key_is_believed_for_half_a_minute_and_an_unknown_one_refused_for_less() {
        assert_eq!(asked_after("hk_good", Duration::from_secs(29)).await, 1);
        assert_eq!(asked_after("hk_good", Duration::from_secs(31)).await, 2);
        assert_eq!(asked_after("hk_bad", Duration::from_secs(4)).await, 1);
        assert_eq!(asked_after("hk_bad", Duration::from_secs(6)).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_unknown_keys_does_not_fill_the_memory() {
        let cached = CachedVerifier::new(Counting::default());
        for number in 0..MOST_KEYS + 10 {
            cached.verify(&format!("hk_{number}")).await.unwrap();
        }
        assert_eq!(cached.remembered().len(), MOST_KEYS);
    }
}
