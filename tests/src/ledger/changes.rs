use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use anyhow::{Result, ensure};
use futures::StreamExt as _;
use harken_bus::WatchFrom;
use harken_contracts::subjects::{self, RecordKind};
use harken_contracts::wire::events::v1::record_change::Record as Body;
use harken_contracts::wire::events::v1::{RecordChange, RecordChanged};
use harken_domain::ConnectionId;
use tokio::time::timeout;

use crate::deployment::Deployment;
use crate::traffic::{Kind, Record};

/// A stream that says nothing for this long has said all.
const SILENCE: Duration = Duration::from_secs(1);

/// What was told of each record of a connection, by revision.
#[derive(Debug, Default)]
pub struct Changes(BTreeMap<Record, BTreeMap<i64, Change>>);

/// One version of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When Intercom changed it last, in Unix seconds; none where its kind does not say.
    pub updated_at: Option<i64>,
    /// Parts of a conversation.
    pub parts: usize,
    /// Whether it is gone.
    pub is_deleted: bool,
}

impl Changes {
    /// Reads `record.v1.changed` from the stream's beginning.
    pub async fn read(deployment: &Deployment, connection: ConnectionId) -> Result<Self> {
        let bus = deployment.bus().await?;
        let kinds = [RecordKind::Contact, RecordKind::Conversation];
        let subjects = kinds
            .map(|kind| subjects::record(connection, kind))
            .to_vec();
        let mut told = pin!(bus.watch(subjects, WatchFrom::Beginning).await?);
        let mut changes = Self::default();
        while let Ok(Some(delivery)) = timeout(SILENCE, told.next()).await {
            for change in delivery.decode::<RecordChanged>()?.changes {
                changes.note(change)?;
            }
        }
        Ok(changes)
    }

    fn note(&mut self, change: RecordChange) -> Result<()> {
        let revision = change.revision;
        let Some((record, change)) = change.record.and_then(version) else {
            return Ok(());
        };
        let versions = self.0.entry(record).or_default();
        let before = versions.insert(revision, change);
        ensure!(
            before.is_none_or(|before| before == change),
            "two versions of one record have one revision"
        );
        Ok(())
    }

    /// Changes of all records.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing was ever told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Times that a record was changed.
    pub fn of(&self, record: &Record) -> usize {
        self.0.get(record).map_or(0, BTreeMap::len)
    }

    /// Records that were told of more than once.
    pub fn repeated(&self) -> Vec<String> {
        let repeated = self.0.iter().filter(|(_, versions)| versions.len() > 1);
        repeated
            .map(|(record, versions)| format!("{record:?}: {versions:?}"))
            .collect()
    }

    /// Records whose later revision tells of an older version, or of less.
    pub fn backward(&self) -> Vec<String> {
        let goes_back = |versions: &BTreeMap<i64, Change>| {
            let versions: Vec<&Change> = versions.values().collect();
            versions.windows(2).any(|pair| pair[1].is_behind(pair[0]))
        };
        let backward = self.0.iter().filter(|(_, versions)| goes_back(versions));
        backward
            .map(|(record, versions)| format!("{record:?}: {versions:?}"))
            .collect()
    }
}

impl Change {
    fn is_behind(&self, before: &Self) -> bool {
        if before.is_deleted {
            return !self.is_deleted;
        }
        !self.is_deleted && (self.updated_at < before.updated_at || self.parts < before.parts)
    }
}

fn version(body: Body) -> Option<(Record, Change)> {
    let (kind, external_id, change) = match body {
        Body::Contact(contact) => {
            let change = Change {
                updated_at: None,
                parts: 0,
                is_deleted: false,
            };
            (Kind::Contact, contact.external_id, change)
        }
        Body::Conversation(conversation) => {
            let change = Change {
                updated_at: conversation.updated_at.map(|at| at.seconds),
                parts: conversation.parts.len(),
                is_deleted: false,
            };
            (Kind::Conversation, conversation.external_id, change)
        }
        Body::Deleted(deleted) => {
            let kind = match deleted.kind.as_str() {
                "contact" => Kind::Contact,
                "conversation" => Kind::Conversation,
                _ => return None,
            };
            let change = Change {
                updated_at: None,
                parts: 0,
                is_deleted: true,
            };
            (kind, deleted.external_id, change)
        }
        Body::Company(_) => return None,
    };
    Some((Record { kind, external_id }, change))
}

#[cfg(test)]
mod tests {
    use harken_contracts::wire::events::v1::{ConversationRecord, DeletedRecord, Part};
    use prost_types::Timestamp;

    use super::*;

    fn conversation(revision: i64, updated_at: i64, parts: usize) -> RecordChange {
        let record = ConversationRecord {
            external_id: "7".to_owned(),
            updated_at: Some(Timestamp {
                seconds: updated_at,
                nanos: 0,
            }),
            parts: vec![Part::default(); parts],
            ..ConversationRecord::default()
        };
        change(revision, Body::Conversation(record))
    }

    fn deleted(revision: i64) -> RecordChange {
        let record = DeletedRecord {
            kind: "conversation".to_owned(),
            external_id: "7".to_owned(),
            ..DeletedRecord::default()
        };
        change(revision, Body::Deleted(record))
    }

    fn change(revision: i64, record: Body) -> RecordChange {
        RecordChange {
            revision,
            record: Some(record),
            ..RecordChange::default()
        }
    }

    fn backward(told: Vec<RecordChange>) -> usize {
        let mut changes = Changes::default();
        for change in told {
            changes.note(change).unwrap();
        }
        changes.backward().len()
    }

    #[test]
    fn what_goes_back_by_revision_is_found_in_whatever_order_it_was_told() {
        assert_eq!(
            backward(vec![conversation(2, 20, 2), conversation(1, 10, 1)]),
            0
        );
        assert_eq!(backward(vec![conversation(1, 10, 1), deleted(2)]), 0);
        assert_eq!(
            backward(vec![conversation(1, 20, 1), conversation(2, 10, 1)]),
            1
        );
        assert_eq!(
            backward(vec![conversation(2, 20, 1), conversation(1, 10, 2)]),
            1
        );
        assert_eq!(backward(vec![deleted(1), conversation(2, 10, 1)]), 1);
    }

    #[test]
    fn one_revision_has_one_version() {
        let mut changes = Changes::default();
        changes.note(conversation(1, 10, 1)).unwrap();
        changes.note(conversation(1, 10, 1)).unwrap();
        assert_eq!(changes.len(), 1);
        assert!(changes.note(conversation(1, 11, 1)).is_err());
    }
}
