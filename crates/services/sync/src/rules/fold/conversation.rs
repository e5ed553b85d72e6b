use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, ConversationStatus, CustomerId};
use harken_intercom::models::{Conversation, Source};

use super::{Origin, Version};
use crate::rules::{
    ConversationRecord, Kept, PartRecord,
    conversation::{has_every_part, small, tag_names_of},
    fingerprint,
    parts::{in_order, opening_id, parts_of},
};

/// What was seen of a conversation, or all that is held of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConversationSight {
    pub(crate) external_id: String,
    pub(crate) head: Head,
    pub(crate) version: Version,
    /// The newest reading of the whole; none if only notifications told of it.
    pub(crate) fetched: Option<Fetched>,
    /// What readings say beside the head.
    extra: Kept,
    parts: BTreeMap<String, PartRecord>,
}

/// A conversation without its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Head {
    pub(crate) contact_external_ids: Vec<String>,
    pub(crate) status: ConversationStatus,
    pub(crate) title: Option<Title>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) first_response_secs: Option<i64>,
    pub(crate) resolution_secs: Option<i64>,
    pub(crate) reopen_count: u32,
    pub(crate) assignment_count: u32,
    pub(crate) tags: Vec<String>,
    pub(crate) last_closed_at: Option<DateTime<Utc>>,
    pub(crate) last_contact_reply_at: Option<DateTime<Utc>>,
    pub(crate) last_admin_reply_at: Option<DateTime<Utc>>,
    pub(crate) parts_counted: Option<u32>,
}

/// What a conversation is called. Not printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Title {
    pub(crate) text: String,
    /// Whether it is what the opening message begins with, and has to go when that is redacted.
    pub(crate) is_headline: bool,
}

impl std::fmt::Debug for Title {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Title")
    }
}

/// A reading of a whole conversation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fetched {
    pub(crate) updated_at: DateTime<Utc>,
    /// False where Intercom gave the latest parts only.
    pub(crate) has_every_part: bool,
}

/// What joining changed.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// The head is another one now.
    pub(crate) head: bool,
    /// Its content differs, too.
    pub(crate) head_content: bool,
    pub(crate) part_added: bool,
    pub(crate) part_redacted: bool,
    pub(crate) part_changed: bool,
    /// Whether every part is held is another answer now.
    pub(crate) completeness: bool,
    /// Nothing but chance decided between the heads.
    pub(crate) tie: bool,
}

impl Joined {
    /// Whether anything that readers see may differ.
    pub(crate) const fn is_news(self) -> bool {
        self.head_content
            || self.part_added
            || self.part_redacted
            || self.part_changed
            || self.completeness
    }
}

impl ConversationSight {
    /// What one answer or one notification shows.
    pub(crate) fn new(mut conversation: Conversation, seen: (Origin, DateTime<Utc>)) -> Self {
        let extra = match seen.0 {
            Origin::Fetched => Kept::read(conversation.take_whole_extra(), conversation.updated_at),
            Origin::Notified => Kept::default(),
        };
        let statistics = conversation.statistics.take().unwrap_or_default();
        let counted = statistics.count_conversation_parts;
        let every_part = has_every_part(&conversation, counted);
        let given = |text| Title {
            text,
            is_headline: false,
        };
        let headline = |source: &Source| {
            Some(Title {
                text: source.headline()?,
                is_headline: true,
            })
        };
        let head = Head {
            contact_external_ids: conversation.contact_ids(),
            status: conversation.status(),
            title: conversation
                .title
                .take()
                .map(given)
                .or_else(|| conversation.source.as_ref().and_then(headline)),
            created_at: conversation.created_at,
            updated_at: conversation
                .updated_at
                .or(conversation.created_at)
                .unwrap_or(DateTime::UNIX_EPOCH),
            first_response_secs: statistics.time_to_admin_reply_secs,
            resolution_secs: statistics.time_to_last_close_secs,
            reopen_count: small(statistics.count_reopens.unwrap_or(0)),
            assignment_count: small(statistics.count_assignments.unwrap_or(0)),
            tags: tag_names_of(&conversation),
            last_closed_at: statistics.last_close_at,
            last_contact_reply_at: statistics.last_contact_reply_at,
            last_admin_reply_at: statistics.last_admin_reply_at,
            parts_counted: counted.map(small),
        };
        let version = Version::new(
            Some(head.updated_at),
            head.parts_counted.unwrap_or(0),
            seen,
            fingerprint(&head),
        );
        let mut parts = BTreeMap::new();
        for part in parts_of(&mut conversation, seen.0) {
            // The same id twice in one answer: the newer one.
            match parts.entry(part.external_id.clone()) {
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(part);
                }
                std::collections::btree_map::Entry::Occupied(mut taken) => {
                    if part.beats(taken.get()) {
                        taken.insert(part);
                    }
                }
            }
        }
        let fetched = (seen.0 == Origin::Fetched).then_some(Fetched {
            updated_at: version.updated_at,
            has_every_part: every_part,
        });
        let mut sight = Self {
            external_id: conversation.id,
            head,
            version,
            fetched,
            extra,
            parts,
        };
        sight.forget_headline();
        sight
    }

    /// What the mirror holds.
    pub(crate) fn held(
        external_id: String,
        (head, version): (Head, Version),
        fetched: Option<Fetched>,
        extra: Kept,
        parts: Vec<PartRecord>,
    ) -> Self {
        Self {
            external_id,
            head,
            version,
            fetched,
            extra,
            parts: parts
                .into_iter()
                .map(|part| (part.external_id.clone(), part))
                .collect(),
        }
    }

    /// Takes in what else was seen of the same conversation.
    pub(crate) fn join(&mut self, other: Self) -> Joined {
        let mut joined = Joined {
            tie: self.version.is_tied_with(&other.version),
            ..Joined::default()
        };
        let mut before = None;
        if other.version > self.version {
            before = Some(std::mem::replace(&mut self.head, other.head));
            self.version = other.version;
        }
        let had_every_part = self.has_every_part();
        self.fetched = self.fetched.take().max(other.fetched);
        joined.completeness = had_every_part != self.has_every_part();
        self.extra.join(other.extra);
        for (id, mut part) in other.parts {
            if let Some(held) = self.parts.get_mut(&id) {
                let extra = std::mem::take(&mut part.extra);
                held.is_saved &= !held.extra.join(extra);
                if !part.beats(held) {
                    continue;
                }
                part.extra = std::mem::take(&mut held.extra);
            }
            let held = self.parts.get(&id);
            joined.part_added |= held.is_none();
            joined.part_redacted |= part.is_redacted && held.is_none_or(|held| !held.is_redacted);
            joined.part_changed |= held.is_some_and(|held| !held.says_the_same_as(&part));
            part.is_saved = false;
            self.parts.insert(id, part);
        }
        self.forget_headline();
        joined.head = before.is_some();
        joined.head_content = before.is_some_and(|before| before != self.head);
        joined
    }

    /// What readings say beside the head.
    pub(crate) const fn extra(&self) -> &Kept {
        &self.extra
    }

    /// Every part, in no order that matters.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &PartRecord> {
        self.parts.values()
    }

    /// Whether the newest reading of the whole held every part.
    pub(crate) fn has_every_part(&self) -> bool {
        self.fetched
            .as_ref()
            .is_some_and(|fetched| fetched.has_every_part)
    }

    /// A redacted opening message takes the title along that was made of it.
    fn forget_headline(&mut self) {
        let opening = self.parts.get(&opening_id(&self.external_id));
        if opening.is_some_and(|opening| opening.is_redacted) {
            self.head.title.take_if(|title| title.is_headline);
            self.extra.join(Kept::erased());
        }
    }

    /// The same, as if all of it were held.
    #[cfg(test)]
    pub(super) fn saved(mut self) -> Self {
        for part in self.parts.values_mut() {
            part.is_saved = true;
        }
        self
    }

    /// The fingerprint of one answer of Intercom's, parts included: the same answer again changes nothing.
    pub(crate) fn fingerprint(&self) -> crate::rules::Fingerprint {
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|(id, part)| (id, part.updated_at, part.content(), &part.extra))
            .collect();
        let every_part = self.fetched.as_ref().map(|fetched| fetched.has_every_part);
        fingerprint(&(&self.version.hash, every_part, &self.extra, parts))
    }

    /// The ids of those who take part, as Intercom told them.
    pub(crate) fn contacts(&self) -> &[String] {
        &self.head.contact_external_ids
    }

    /// Whether a part of what was seen moved the conversation from closed to open by its very type.
    pub(crate) fn has_reopening(&self) -> bool {
        self.parts.values().any(PartRecord::is_reopening_by_type)
    }

    /// Whether a part of what was seen gave it to somebody by its very type.
    pub(crate) fn has_assignment(&self) -> bool {
        self.parts
            .values()
            .any(|part| part.part_type.contains("assign"))
    }

    /// The record that follows, with those who take part as they are known now.
    pub(crate) fn into_record(
        self,
        connection: ConnectionId,
        contact_external_ids: Vec<String>,
        customer_ids: Vec<CustomerId>,
    ) -> ConversationRecord {
        let parts_complete = self.has_every_part();
        let Self {
            external_id,
            head,
            extra,
            parts,
            ..
        } = self;
        ConversationRecord {
            conversation_id: ConversationRecord::id_of(connection, &external_id),
            external_id,
            customer_ids,
            contact_external_ids,
            status: head.status,
            title: head.title.map(|title| title.text),
            created_at: head.created_at,
            updated_at: head.updated_at,
            first_response_secs: head.first_response_secs,
            resolution_secs: head.resolution_secs,
            reopen_count: head.reopen_count,
            assignment_count: head.assignment_count,
            tags: head.tags,
            last_closed_at: head.last_closed_at,
            last_contact_reply_at: head.last_contact_reply_at,
            last_admin_reply_at: head.last_admin_reply_at,
            parts_counted: head.parts_counted,
            parts_complete,
            parts: in_order(parts.into_values().collect()),
            extra,
        }
    }
}
