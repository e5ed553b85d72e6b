use std::sync::Arc;

use harken_domain::{ConnectionId, OrganizationId, Secret};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::outbound::key_encryption_key::KeyEncryptionKey;
use crate::rules::seal::{DoesNotOpen, Field, Frame, Key, Place, SCHEMA, SealedToken, WrappedKey};

/// Makes and unwraps data keys. Each is open for as long as it is in use, and wiped then.
#[derive(Clone)]
pub(crate) struct Keyring {
    key_encryption_key: Arc<dyn KeyEncryptionKey>,
}

/// A connection's data key, open.
pub(crate) struct DataKey {
    id: Uuid,
    home: Home,
    key: Key,
}

/// Whose secrets they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home {
    pub organization: OrganizationId,
    pub connection: ConnectionId,
}

impl Keyring {
    pub(crate) fn new(key_encryption_key: impl KeyEncryptionKey + 'static) -> Self {
        Self {
            key_encryption_key: Arc::new(key_encryption_key),
        }
    }

    /// Id of the key-encryption key.
    pub(crate) fn id(&self) -> &str {
        self.key_encryption_key.id()
    }

    /// Makes a data key.
    pub(crate) async fn make(&self, home: Home) -> Result<(DataKey, WrappedKey), DoesNotOpen> {
        let (key, id) = (Key::generate(), Uuid::new_v4());
        let field = name_of(id);
        let place = home.place(&field, SCHEMA, self.id());
        let wrapped = WrappedKey {
            id,
            key_encryption_key_id: self.id().to_owned(),
            bytes: self.key_encryption_key.wrap(place, &key).await?,
        };
        Ok((DataKey { id, home, key }, wrapped))
    }

    /// Unwraps a data key that was made for this connection.
    pub(crate) async fn unwrap(
        &self,
        home: Home,
        wrapped: &WrappedKey,
    ) -> Result<DataKey, DoesNotOpen> {
        let field = name_of(wrapped.id);
        let place = home.place(&field, SCHEMA, &wrapped.key_encryption_key_id);
        let key = self
            .key_encryption_key
            .unwrap(place, &wrapped.bytes)
            .await?;
        Ok(DataKey {
            id: wrapped.id,
            home,
            key,
        })
    }

    /// Opens a token that was sealed for this connection.
    pub(crate) async fn open(
        &self,
        home: Home,
        sealed: &SealedToken,
    ) -> Result<Secret, DoesNotOpen> {
        let key = self.unwrap(home, &sealed.key).await?;
        key.open(Field::AccessToken, &sealed.frame)
    }
}

impl DataKey {
    pub(crate) fn seal(&self, field: Field, secret: &Secret) -> Result<Frame, DoesNotOpen> {
        let key_id = self.id.simple().to_string();
        let place = self.home.place(field.as_str(), SCHEMA, &key_id);
        Ok(Frame {
            schema: SCHEMA,
            bytes: self.key.seal(&place, secret.expose().as_bytes())?,
        })
    }

    /// The key of the connection's pseudonyms: the same for as long as the data key is, whatever wraps it.
    pub(crate) fn of_pseudonyms(&self) -> Zeroizing<[u8; 32]> {
        self.key.derive(b"harken/pseudonyms/1")
    }

    pub(crate) fn open(&self, field: Field, frame: &Frame) -> Result<Secret, DoesNotOpen> {
        let key_id = self.id.simple().to_string();
        let place = self.home.place(field.as_str(), frame.schema, &key_id);
        let opened = self.key.open(&place, &frame.bytes)?;
        let text = std::str::from_utf8(&opened).map_err(|_| DoesNotOpen)?;
        Ok(Secret::new(text))
    }
}

impl Home {
    const fn place<'a>(self, field: &'a str, schema: i16, key_id: &'a str) -> Place<'a> {
        Place {
            organization: self.organization,
            connection: self.connection,
            field,
            schema,
            key_id,
        }
    }
}

/// What a wrapped data key is called in what it is bound to.
fn name_of(data_key: Uuid) -> String {
    format!("data_key/{}", data_key.simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::key_encryption_key::FileKey;

    fn keyring(byte: u8) -> Keyring {
        let environment = harken_runtime::Environment::from_pairs([(
            "HARKEN_KEY_ENCRYPTION_KEY",
            hex::encode([byte; 32]),
        )]);
        Keyring::new(FileKey::read(&environment).ok().unwrap())
    }

    fn home(seed: &[u8]) -> Home {
        Home {
            organization: OrganizationId::derive(&[b"o"]),
            connection: ConnectionId::derive(&[seed]),
        }
    }

    async fn sealed(home: Home) -> SealedToken {
        let (open, key) = keyring(1).make(home).await.unwrap();
        let frame = open.seal(Field::AccessToken, &Secret::new("dG9rOm"));
        SealedToken {
            key,
            frame: frame.unwrap(),
        }
    }

    #[tokio::test]
    async fn a_token_opens_under_the_same_key_encryption_key_alone() {
        let home = home(b"c");
        let sealed = sealed(home).await;
        let opened = keyring(1).open(home, &sealed).await.unwrap();
        assert_eq!(opened.expose(), "dG9rOm");
        assert!(keyring(2).open(home, &sealed).await.is_err());
    }

    #[tokio::test]
    async fn neither_frame_nor_wrapped_key_can_be_lent_to_another_connection() {
        let (home, other) = (home(b"c"), home(b"d"));
        let (one, two) = (sealed(home).await, sealed(other).await);
        assert!(keyring(1).open(other, &one).await.is_err());
        let lent_frame = SealedToken {
            frame: one.frame.clone(),
            key: two.key.clone(),
        };
        assert!(keyring(1).open(other, &lent_frame).await.is_err());
        let lent_key = SealedToken {
            frame: two.frame,
            key: one.key,
        };
        assert!(keyring(1).open(other, &lent_key).await.is_err());
    }

    #[tokio::test]
    async fn the_key_of_pseudonyms_follows_from_the_data_key_and_from_nothing_else() {
        let home = home(b"c");
        let (made, wrapped) = keyring(1).make(home).await.unwrap();
        let again = keyring(1).unwrap(home, &wrapped).await.unwrap();
        assert_eq!(made.of_pseudonyms(), again.of_pseudonyms());
        assert_ne!(made.of_pseudonyms()[..], *made.key.expose());
        let (another, _) = keyring(1).make(home).await.unwrap();
        assert_ne!(made.of_pseudonyms(), another.of_pseudonyms());
    }

    #[tokio::test]
    async fn a_secret_opens_as_what_it_was_sealed_as_alone() {
        let (key, _) = keyring(1).make(home(b"c")).await.unwrap();
        let frame = key.seal(Field::WebhookSecret, &Secret::new("s")).unwrap();
        assert!(key.open(Field::WebhookSecret, &frame).is_ok());
        assert!(key.open(Field::PreviousWebhookSecret, &frame).is_err());
        assert!(key.open(Field::AccessToken, &frame).is_err());
    }
}
