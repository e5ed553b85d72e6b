//! The key that wraps data keys. It never meets a secret itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use harken_runtime::{ConfigError, Environment};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::rules::seal::{DoesNotOpen, Key, Place};

const VARIABLE: &str = "HARKEN_KEY_ENCRYPTION_KEY";
const FILE_VARIABLE: &str = "HARKEN_KEY_ENCRYPTION_KEY_FILE";
const REMEDY: &str = "write 32 random bytes in hexadecimal or base64 there, as `openssl rand -hex 32` makes them, \
                      and keep a copy: nothing sealed opens without it";

/// Wraps data keys. A file holds it on one machine; a key management service may elsewhere.
pub(crate) trait KeyEncryptionKey: Send + Sync {
    /// Which key it is; stored with what it wraps.
    fn id(&self) -> &str;

    /// Wraps a data key for `place`, whose key is this one.
    fn wrap<'a>(
        &'a self,
        place: Place<'a>,
        data_key: &'a Key,
    ) -> BoxFuture<'a, Result<Vec<u8>, DoesNotOpen>>;

    /// Opens what was wrapped for `place`.
    fn unwrap<'a>(
        &'a self,
        place: Place<'a>,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Key, DoesNotOpen>>;
}

/// The key-encryption key as a file holds it.
pub(crate) struct FileKey {
    id: String,
    key: Key,
}

impl FileKey {
    /// Reads the key that the environment names.
    pub(crate) fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let text = environment.secret(VARIABLE).map_err(|error| ConfigError {
            remedy: REMEDY.to_owned(),
            ..error
        })?;
        let text = text.ok_or_else(|| {
            ConfigError::new(
                FILE_VARIABLE,
                "is not set",
                format!("name a file and {REMEDY}"),
            )
        })?;
        Self::parse(text.expose()).ok_or_else(|| {
            let (variable, problem) = match environment.optional(FILE_VARIABLE) {
                Some(path) => (
                    FILE_VARIABLE,
                    format!("names {path}, which does not hold 32 bytes"),
                ),
                None => (VARIABLE, "does not hold 32 bytes".to_owned()),
            };
            ConfigError::new(variable, problem, REMEDY)
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = hex::decode(text).or_else(|_| STANDARD.decode(text));
        let bytes = Zeroizing::new(bytes.ok()?);
        let mut hash = Sha256::new();
        hash.update(b"harken key-encryption key id");
        hash.update(&*bytes);
        // Told by the key itself, so that a key cannot go by another's name.
        let id = format!("file-{}", hex::encode(&hash.finalize()[..6]));
        Some(Self {
            id,
            key: Key::from_bytes(&bytes)?,
        })
    }
}

impl KeyEncryptionKey for FileKey {
    fn id(&self) -> &str {
        &self.id
    }

    fn wrap<'a>(
        &'a self,
        place: Place<'a>,
        data_key: &'a Key,
    ) -> BoxFuture<'a, Result<Vec<u8>, DoesNotOpen>> {
        Box::pin(async move { self.key.seal(&place, data_key.expose()) })
    }

    fn unwrap<'a>(
        &'a self,
        place: Place<'a>,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Key, DoesNotOpen>> {
        Box::pin(async move {
            let opened = self.key.open(&place, wrapped)?;
            Key::from_bytes(&opened).ok_or(DoesNotOpen)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<FileKey, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, text).unwrap();
        FileKey::read(&Environment::from_pairs([(
            FILE_VARIABLE,
            path.to_str().unwrap(),
        )]))
    }

    #[test]
    fn a_key_is_read_in_hexadecimal_and_in_base64() {
        let (hexadecimal, base64) = (hex::encode([7; 32]), STANDARD.encode([7; 32]));
        let one = read(&format!("{hexadecimal}\n")).ok().unwrap();
        let other = read(&base64).ok().unwrap();
        assert_eq!(one.id(), other.id());
        assert!(one.id().starts_with("file-") && !hexadecimal.contains(&one.id()[5..]));
    }

    #[test]
    fn a_key_that_cannot_be_used_is_told_with_variable_path_and_remedy() {
        let missing = Environment::from_pairs([(FILE_VARIABLE, "/nowhere/key")]);
        let unset = Environment::default();
        for (error, path) in [
            (FileKey::read(&missing).err().unwrap(), "/nowhere/key"),
            (FileKey::read(&unset).err().unwrap(), ""),
            (read("deadbeef").err().unwrap(), "/key"),
            (read("not a key at all").err().unwrap(), "/key"),
            (read("").err().unwrap(), "/key"),
        ] {
            assert_eq!(error.variable, FILE_VARIABLE);
            let line = error.to_string();
            assert!(
                line.contains(path) && line.contains("openssl rand -hex 32"),
                "{line}"
            );
            assert!(!line.contains('\n') && !line.contains("deadbeef"), "{line}");
        }
    }
}
