//! Writes to the mirror: whoever saw something, a run, a repair or a notification, brings it here, and it joins what is
//! held. Whoever calls holds the connections' locks ([`Page::open`]), so that each write sees what the others left.

mod companies;
mod contacts;
mod conversations;
mod gone;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use harken_contracts::subjects::RecordKind;
use harken_domain::{ConnectionId, DataPolicy, OrganizationId};
use sqlx::PgConnection;

pub(crate) use self::{
    conversations::Changed,
    gone::{Burial, Merge},
};
use crate::{
    outbound::postgres::{
        Key, StoreError,
        connections::{self, ConnectionRow},
        repairs::{self, RepairKind, Wanted},
    },
    rules::{
        Cause, CompanyRecord, ContactRecord,
        fold::{ConversationSight, WholeSight},
    },
};

/// Something that was seen, and how we came to know.
#[derive(Debug)]
pub(crate) struct Seen<S> {
    pub(crate) connection: ConnectionId,
    pub(crate) sight: S,
    pub(crate) by: By,
}

/// How we came to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    pub(crate) cause: Cause,
    /// When the edge heard of it; none if a run or a repair read it.
    pub(crate) heard_at: Option<DateTime<Utc>>,
    /// The notification's place in its batch.
    pub(crate) notification: Option<usize>,
    /// Whether what was seen is known to lack something, so that the record has to be fetched.
    pub(crate) is_cut: bool,
}

impl By {
    /// Read by a run or a repair.
    pub(crate) const fn reading(cause: Cause) -> Self {
        Self {
            cause,
            heard_at: None,
            notification: None,
            is_cut: false,
        }
    }
}

/// A contact that was seen.
pub(crate) type SeenContact = Seen<WholeSight<ContactRecord>>;
/// A company that was seen.
pub(crate) type SeenCompany = Seen<WholeSight<CompanyRecord>>;
/// A conversation that was seen.
pub(crate) type SeenConversation = Seen<ConversationSight>;

/// The mirrors that one transaction writes to, and what follows from its writes.
#[derive(Debug)]
pub(crate) struct Page {
    connections: HashMap<ConnectionId, ConnectionRow>,
    now: DateTime<Utc>,
    /// Notifications that changed something.
    applied: HashSet<usize>,
    /// Contacts whose conversations have to be looked at again, for who they are has changed.
    moved: BTreeSet<Key>,
    wanted: BTreeSet<Wanted>,
    /// How many records were erased, by kind.
    erased: HashMap<RecordKind, u64>,
}

impl Page {
    /// Locks the mirrors of these connections until the end of the transaction.
    pub(crate) async fn open(
        store: &mut PgConnection,
        connections: &BTreeSet<ConnectionId>,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            connections: connections::lock(store, connections).await?,
            now,
            applied: HashSet::new(),
            moved: BTreeSet::new(),
            wanted: BTreeSet::new(),
            erased: HashMap::new(),
        })
    }

    /// What is known of a connection; none if nothing is yet.
    pub(crate) fn connection(&self, connection: ConnectionId) -> Option<&ConnectionRow> {
        self.connections.get(&connection)
    }

    /// Asks for a record to be fetched; whether it will be. Nothing is ever fetched for a synthetic connection, and nobody
    /// can ask Intercom about a pseudonym: the next run brings what is new of contacts where they go by such.
    pub(crate) fn want(
        &mut self,
        connection: ConnectionId,
        kind: RepairKind,
        external_id: &str,
    ) -> bool {
        let fetches = |row: &ConnectionRow| {
            let is_veiled = row.data_policy == DataPolicy::MetadataOnly;
            row.is_open && !row.is_synthetic && !(is_veiled && kind.names_a_person())
        };
        let is_wanted = self.connection(connection).is_some_and(fetches);
        if is_wanted {
            self.wanted.insert(Wanted {
                connection,
                kind,
                external_id: external_id.to_owned(),
            });
        }
        is_wanted
    }

    /// How many records of a kind have been erased so far.
    pub(crate) fn erased(&self, kind: RecordKind) -> u64 {
        self.erased.get(&kind).copied().unwrap_or(0)
    }

    fn note_erased(&mut self, kind: RecordKind, how_many: usize) {
        *self.erased.entry(kind).or_default() += how_many as u64;
    }

    /// Whether a notification changed something so far.
    pub(crate) fn is_applied(&self, notification: usize) -> bool {
        self.applied.contains(&notification)
    }

    /// Brings in line what follows from all that was written, and asks for what has to be fetched; whether something has.
    pub(crate) async fn close(mut self, store: &mut PgConnection) -> Result<bool, StoreError> {
        self.write_conversations(store, Vec::new()).await?;
        repairs::ask(store, &self.wanted).await?;
        Ok(!self.wanted.is_empty())
    }

    fn organization(&self) -> impl Fn(ConnectionId) -> Option<OrganizationId> + '_ {
        |connection| Some(self.connection(connection)?.organization)
    }

    fn note_applied(&mut self, by: &By) {
        self.applied.extend(by.notification);
    }
}
