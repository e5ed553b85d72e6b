use std::collections::HashMap;

use harken_domain::{ConnectionId, CustomerId};

use crate::{
    app::mirror::{By, SeenConversation},
    outbound::postgres::{Key, aliases::Known, conversations::Held},
    rules::{
        Cause, ContactRecord, ConversationRecord, PartRecord,
        fold::{ConversationSight, Fetched, Joined, Origin, Version},
    },
};

/// What a conversation becomes.
pub(super) struct Folding {
    pub(super) state: ConversationSight,
    pub(super) by: By,
    pub(super) is_news: bool,
    /// Whether there is anything to write.
    pub(super) is_dirty: bool,
    /// Whether parts are new or different.
    pub(super) parts_moved: bool,
    /// What the mirror held of who takes part; none if it did not hold the conversation.
    pub(super) was: Option<(Vec<String>, Vec<CustomerId>)>,
    pub(super) content_hash: Vec<u8>,
}

/// A conversation as it is to be written.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
pub(super) struct Finished {
    pub(super) connection: ConnectionId,
    pub(super) record: ConversationRecord,
    pub(super) version: Version,
    pub(super) fetched: Option<Fetched>,
    pub(super) title_is_headline: bool,
    pub(super) content_hash: Vec<u8>,
    pub(super) by: By,
    pub(super) is_news: bool,
    pub(super) is_dirty: bool,
    pub(super) parts_moved: bool,
    pub(super) was_held: bool,
    /// Whether readers know of it, or are to.
    pub(super) is_told: bool,
}

impl Folding {
    pub(super) fn of_held(key: &Key, held: Held, parts: Option<Vec<PartRecord>>) -> Self {
        let was = (
            held.head.contact_external_ids.clone(),
            held.customer_ids.clone(),
        );
        Self {
            content_hash: held.content_hash.clone(),
            state: held.with_parts(key.1.clone(), parts.unwrap_or_default()),
            by: By::reading(Cause::Imported),
            is_news: false,
            is_dirty: false,
            parts_moved: false,
            was: Some(was),
        }
    }

    pub(super) fn of_stranger(one: SeenConversation) -> Self {
        Self {
            content_hash: hash_of(&one.sight),
            by: By {
                cause: cause_of(&one.sight, one.by.cause, true),
                ..one.by
            },
            state: one.sight,
            is_news: true,
            is_dirty: true,
            parts_moved: true,
            was: None,
        }
    }

    pub(super) fn join(&mut self, sight: ConversationSight, by: By) -> Joined {
        let hash = hash_of(&sight);
        let cause = cause_of(&sight, by.cause, true);
        let weaker = cause_of(&sight, by.cause, false);
        let joined = self.state.join(sight);
        self.is_dirty |= joined.head || joined.is_news();
        self.parts_moved |= joined.part_added || joined.part_redacted || joined.part_changed;
        if !hash.is_empty() {
            self.is_dirty |= self.content_hash != hash;
            self.content_hash = hash;
        }
        if joined.is_news() {
            let cause = match joined {
                Joined { head: true, .. } => cause,
                _ if joined.part_redacted => Cause::PartRedacted,
                _ => weaker,
            };
            self.by.cause = self.by.cause.max(cause);
            self.by.heard_at = self.by.heard_at.max(by.heard_at);
            self.is_news = true;
        }
        joined
    }

    pub(super) fn finish(self, connection: ConnectionId, known: &HashMap<Key, Known>) -> Finished {
        let Self {
            state,
            mut by,
            is_news,
            was,
            content_hash,
            is_dirty,
            parts_moved,
        } = self;
        let (contacts, customers) = who_takes_part(connection, state.contacts(), known);
        let version = state.version.clone();
        let fetched = state.fetched.clone();
        let title_is_headline = state
            .head
            .title
            .as_ref()
            .is_some_and(|title| title.is_headline);
        let had_customers = was.as_ref().is_some_and(|(_, before)| !before.is_empty());
        let who_changed = was.as_ref().is_some_and(|(before_contacts, before)| {
            (before_contacts, before) != (&contacts, &customers)
        });
        let record = state.into_record(connection, contacts, customers);
        if who_changed {
            by.cause = by.cause.max(Cause::Updated);
        }
        Finished {
            connection,
            is_told: had_customers || !record.customer_ids.is_empty(),
            is_news: is_news || who_changed,
            is_dirty: is_dirty || who_changed || record.parts.iter().any(|part| !part.is_saved),
            parts_moved,
            was_held: was.is_some(),
            record,
            version,
            fetched,
            title_is_headline,
            content_hash,
            by,
        }
    }
}

impl Finished {
    pub(super) fn unsaved_parts(&self) -> impl Iterator<Item = (ConnectionId, &str, &PartRecord)> {
        let parts = self.record.parts.iter();
        let unsaved = parts.filter(|part| !part.is_saved);
        unsaved.map(|part| (self.connection, self.record.external_id.as_str(), part))
    }
}

/// Who the named contacts are now, and which customers are among them; each once, in their order.
fn who_takes_part(
    connection: ConnectionId,
    named: &[String],
    known: &HashMap<Key, Known>,
) -> (Vec<String>, Vec<CustomerId>) {
    let mut contacts: Vec<String> = Vec::with_capacity(named.len());
    let mut customers = Vec::with_capacity(named.len());
    for name in named {
        let Some(contact) = known.get(&(connection, name.clone())) else {
            continue;
        };
        if contacts.contains(&contact.external_id) {
            continue;
        }
        contacts.push(contact.external_id.clone());
        if contact.is_customer == Some(true) {
            customers.push(ContactRecord::id_of(connection, &contact.external_id));
        }
    }
    (contacts, customers)
}

/// Why a conversation changed: the topic tells, unless the parts it carries tell more. What lost against a newer head only
/// brought its parts.
fn cause_of(sight: &ConversationSight, told: Cause, is_newest: bool) -> Cause {
    match told {
        Cause::Imported | Cause::PartRedacted => told,
        // A whole conversation has many parts, and what they tell is old.
        _ if sight.version.origin == Origin::Fetched => told,
        _ if !is_newest => Cause::PartCreated,
        Cause::PartCreated | Cause::Updated if sight.has_reopening() => Cause::Reopened,
        Cause::PartCreated | Cause::Updated if sight.has_assignment() => Cause::Assigned,
        told => told,
    }
}

/// The fingerprint of an answer that was read whole; empty for what a notification shows.
fn hash_of(sight: &ConversationSight) -> Vec<u8> {
    if sight.fetched.is_some() {
        sight.fingerprint().to_vec()
    } else {
        Vec::new()
    }
}
