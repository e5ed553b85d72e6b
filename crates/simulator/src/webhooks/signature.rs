//! How the receiver knows that a notification is genuine.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// The value of `X-Hub-Signature`.
pub(super) fn hub_signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    format!("sha1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_what_the_documentation_says() {
        let rows: [(&[u8], &str); 3] = [
            (b"", "sha1=39209b5f17a4d735d79e64130be5b6e2b77125d3"),
            (
                br#"{"type":"notification_event","topic":"ping"}"#,
                "sha1=1c268423f384613e6ae73ee97d515ef298b3ecbb",
            ),
            (
                "{\"b\":\"café ☃\",\"a\":1}".as_bytes(),
                "sha1=db36a5dbe604c53c2c7ef57e83ecc0b490292847",
            ),
        ];
        for (body, expected) in rows {
            let signature = hub_signature("test-client-secret-0123456789abcdef", body);
            assert_eq!(signature, expected);
        }
    }
}
