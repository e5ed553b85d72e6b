use harken_domain::ConnectionId;
use uuid::Uuid;

use super::Inconsistent;
use crate::rules::Fingerprint;

/// A record: its connection, and Intercom's id of it.
pub(crate) type Key = (ConnectionId, String);

/// Records, turned on their side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    pub(crate) connections: Vec<Uuid>,
    pub(crate) external_ids: Vec<String>,
}

impl<'k> FromIterator<&'k Key> for Keys {
    fn from_iter<I: IntoIterator<Item = &'k Key>>(keys: I) -> Self {
        let (connections, external_ids) = keys
            .into_iter()
            .map(|(connection, id)| (connection.as_uuid(), id.clone()))
            .unzip();
        Self {
            connections,
            external_ids,
        }
    }
}

impl Keys {
    pub(crate) const fn is_empty(&self) -> bool {
        self.external_ids.is_empty()
    }
}

/// A fingerprint as it is stored.
pub(super) fn fingerprint_of(
    stored: &[u8],
    table: &'static str,
) -> Result<Fingerprint, Inconsistent> {
    stored.try_into().map_err(|_| Inconsistent {
        table,
        column: "content_hash",
    })
}
