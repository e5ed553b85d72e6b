//! Secrets that we hand out and recognise by their hash alone: sessions, sign-in links, API keys, OAuth states.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harken_domain::Secret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What every API key begins with.
const API_KEY: &str = "hk_";
/// Characters of an API key that are kept to recognise it by.
const PREFIX_CHARS: usize = API_KEY.len() + 6;
/// Longest text that is worth hashing; ours are shorter.
const MOST_BYTES: usize = 256;

/// SHA-256 of a handed-out secret. Enough, as each holds 256 random bits.
pub(crate) type SecretHash = [u8; 32];

/// Makes a secret of 256 random bits.
pub(crate) fn generate() -> Secret {
    let mut chance = Zeroizing::new([0_u8; 32]);
    rand::fill(&mut chance[..]);
    Secret::new(URL_SAFE_NO_PAD.encode(&chance[..]))
}

/// Makes an API key.
pub(crate) fn generate_api_key() -> Secret {
    Secret::new(format!("{API_KEY}{}", generate().expose()))
}

/// The part of an API key that may be shown.
pub(crate) fn api_key_prefix(secret: &Secret) -> String {
    secret.expose().chars().take(PREFIX_CHARS).collect()
}

/// What is stored of a secret; none for texts that none of ours can be.
pub(crate) fn hash(text: &str) -> Option<SecretHash> {
    (!text.is_empty() && text.len() <= MOST_BYTES).then(|| Sha256::digest(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_256_bits_and_differ() {
        let (one, other) = (generate(), generate());
        assert_eq!(URL_SAFE_NO_PAD.decode(one.expose()).unwrap().len(), 32);
        assert_ne!(one.expose(), other.expose());
    }

    #[test]
    fn an_api_key_shows_its_beginning_alone() {
        let key = generate_api_key();
        let prefix = api_key_prefix(&key);
        assert_eq!(prefix.len(), 9);
        assert!(prefix.starts_with("hk_") && key.expose().starts_with(&prefix));
    }

    #[test]
    fn texts_that_cannot_be_ours_are_not_looked_up() {
        assert!(hash("").is_none());
        assert!(hash(&"x".repeat(257)).is_none());
        assert!(hash(generate_api_key().expose()).is_some());
    }
}
