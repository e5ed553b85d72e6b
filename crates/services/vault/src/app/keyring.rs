use std::sync::Arc;

use harken_domain::{ConnectionId, OrganizationId, Secret};
use uuid::Uuid;

use crate::outbound::key_encryption_key::KeyEncryptionKey;
use crate::outbound::postgres::sealed_tokens::ACCESS_TOKEN;
use crate::rules::seal::{DoesNotOpen, Key, Place, SCHEMA, SealedToken};

/// Seals and opens tokens. A data key is unwrapped for one opening and wiped after it.
#[derive(Clone)]
pub(crate) struct Keyring {
    key_encryption_key: Arc<dyn KeyEncryptionKey>,
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

    /// Seals a token under a data key of its own.
    pub(crate) async fn seal(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: &Secret,
    ) -> Result<SealedToken, DoesNotOpen> {
        let (data_key, data_key_id) = (Key::generate(), Uuid::new_v4());
        let names = Names::of(data_key_id);
        let place = |field, key_id| Place {
            organization,
            connection,
            field,
            schema: SCHEMA,
            key_id,
        };
        let wrapping = place(&names.wrapped_field, self.id());
        let wrapped_key = self.key_encryption_key.wrap(wrapping, &data_key).await?;
        let sealing = place(ACCESS_TOKEN, &names.key_id);
        Ok(SealedToken {
            data_key_id,
            key_encryption_key_id: self.id().to_owned(),
            wrapped_key,
            schema: SCHEMA,
            frame: data_key.seal(&sealing, token.expose().as_bytes())?,
        })
    }

    /// Opens a token that was sealed for this connection.
    pub(crate) async fn open(
        &self,
        organization: OrganizationId,
        connection: ConnectionId,
        sealed: &SealedToken,
    ) -> Result<Secret, DoesNotOpen> {
        let names = Names::of(sealed.data_key_id);
        let place = |field, key_id| Place {
            organization,
            connection,
            field,
            schema: sealed.schema,
            key_id,
        };
        let wrapping = place(&names.wrapped_field, &sealed.key_encryption_key_id);
        let data_key = self
            .key_encryption_key
            .unwrap(wrapping, &sealed.wrapped_key)
            .await?;
        let sealing = place(ACCESS_TOKEN, &names.key_id);
        let opened = data_key.open(&sealing, &sealed.frame)?;
        let text = std::str::from_utf8(&opened).map_err(|_| DoesNotOpen)?;
        Ok(Secret::new(text))
    }
}

/// What a data key is called in what it binds.
struct Names {
    key_id: String,
    wrapped_field: String,
}

impl Names {
    fn of(data_key_id: Uuid) -> Self {
        Self {
            key_id: data_key_id.simple().to_string(),
            wrapped_field: format!("data_key/{}", data_key_id.simple()),
        }
    }
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

    fn ids() -> (OrganizationId, ConnectionId) {
        (
            OrganizationId::derive(&[b"o"]),
            ConnectionId::derive(&[b"c"]),
        )
    }

    #[tokio::test]
    async fn a_token_opens_under_the_same_key_encryption_key_alone() {
        let (organization, connection) = ids();
        let token = Secret::new("dG9rOm");
        let sealed = keyring(1)
            .seal(organization, connection, &token)
            .await
            .unwrap();
        let opened = keyring(1)
            .open(organization, connection, &sealed)
            .await
            .unwrap();
        assert_eq!(opened.expose(), token.expose());
        assert!(
            keyring(2)
                .open(organization, connection, &sealed)
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn neither_frame_nor_wrapped_key_can_be_lent_to_another_connection() {
        let (organization, connection) = ids();
        let other = ConnectionId::derive(&[b"d"]);
        let token = Secret::new("dG9rOm");
        let one = keyring(1)
            .seal(organization, connection, &token)
            .await
            .unwrap();
        let two = keyring(1).seal(organization, other, &token).await.unwrap();
        assert!(keyring(1).open(organization, other, &one).await.is_err());
        let mixed = SealedToken {
            frame: one.frame.clone(),
            ..two.clone()
        };
        assert!(keyring(1).open(organization, other, &mixed).await.is_err());
        let mixed = SealedToken {
            wrapped_key: one.wrapped_key,
            data_key_id: one.data_key_id,
            ..two
        };
        assert!(keyring(1).open(organization, other, &mixed).await.is_err());
    }
}
