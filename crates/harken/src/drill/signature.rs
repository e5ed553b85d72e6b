use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use harken_domain::Secret;

/// Signs as Intercom does: HMAC-SHA1 over the body's bytes.
#[derive(Clone)]
pub(super) struct Signer(Hmac<Sha1>);

impl Signer {
    pub(super) fn new(secret: &Secret) -> Self {
        let keyed = Hmac::new_from_slice(secret.expose().as_bytes());
        Self(keyed.expect("an HMAC takes a key of any length"))
    }

    /// The value of `X-Hub-Signature`.
    pub(super) fn sign(&self, body: &[u8]) -> String {
        let mut keyed = self.0.clone();
        keyed.update(body);
        format!("sha1={}", hex::encode(keyed.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha1 -hmac`.
    #[test]
    fn a_known_body_has_the_known_signature() {
        let signer = Signer::new(&Secret::new("key"));
        assert_eq!(
            signer.sign(b"The quick brown fox jumps over the lazy dog"),
            "sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"
        );
    }
}
