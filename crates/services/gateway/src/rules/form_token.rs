//! Proof that a form was made for the browser session that sends it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Hexadecimal digits of the nonce in front of the proof.
const NONCE_DIGITS: usize = 16;

/// Makes and checks form tokens under one key.
#[derive(Clone)]
pub(crate) struct FormTokens {
    key: [u8; 64],
}

impl FormTokens {
    /// Derives the key from a secret that every process of the console shares.
    pub(crate) fn under(secret: &str) -> Self {
        let mut key = [0; 64];
        let digest = Sha256::new()
            .chain_update("harken form tokens\0")
            .chain_update(secret);
        key[..32].copy_from_slice(&digest.finalize());
        Self { key }
    }

    /// A token for a session: another one for each nonce, so that a compressed page does not give it away bit by bit.
    pub(crate) fn issue(&self, session: &str, nonce: [u8; NONCE_DIGITS / 2]) -> String {
        let nonce = hex::encode(nonce);
        let proof = hex::encode(self.mac(session, &nonce).finalize().into_bytes());
        nonce + &proof
    }

    /// Whether the token was issued for the session. Takes the same time whatever is wrong.
    pub(crate) fn holds(&self, session: &str, token: &str) -> bool {
        let Some((nonce, proof)) = token.split_at_checked(NONCE_DIGITS) else {
            return false;
        };
        hex::decode(proof).is_ok_and(|proof| self.mac(session, nonce).verify_slice(&proof).is_ok())
    }

    /// What ties an attempt to connect to a session, without telling the session's secret.
    pub(crate) fn browser_binding(&self, session: &str) -> String {
        hex::encode(self.mac(session, "browser binding").finalize().into_bytes())
    }

    fn mac(&self, session: &str, purpose: &str) -> Hmac<Sha256> {
        // Unambiguous: a nonce has a fixed length and only hexadecimal digits, the other purpose has neither.
        let mac = Hmac::<Sha256>::new((&self.key).into());
        mac.chain_update(purpose)
            .chain_update([0])
            .chain_update(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> FormTokens {
        FormTokens::under("a secret")
    }

    #[test]
    fn a_token_holds_for_its_session_alone() {
        let token = tokens().issue("session-a", [1; 8]);
        assert!(tokens().holds("session-a", &token));
        assert!(!tokens().holds("session-b", &token));
        assert!(!FormTokens::under("another").holds("session-a", &token));
    }

    #[test]
    fn anything_else_is_refused() {
        let token = tokens().issue("s", [1; 8]);
        for forged in [
            "",
            "x",
            "ü",
            &token[1..],
            &token[..40],
            &format!("{token}00"),
            &"0".repeat(80),
        ] {
            assert!(!tokens().holds("s", forged), "{forged}");
        }
        assert!(!tokens().holds("s", &tokens().browser_binding("s")));
    }

    #[test]
    fn no_two_pages_carry_the_same_token() {
        assert_ne!(tokens().issue("s", [1; 8]), tokens().issue("s", [2; 8]));
    }
}
