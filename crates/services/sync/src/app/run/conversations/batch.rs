use crate::{
    app::run::customers::Learned,
    outbound::postgres::gaps::Gap,
    rules::{checkpoint::Frontier, counts::Tally, fold::ConversationSight},
};

/// What is written together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) records: Vec<ConversationSight>,
    /// Contacts that were met in these conversations for the first time.
    pub(super) learned: Learned,
    pub(super) tally: Tally,
    pub(super) gaps: Vec<Gap>,
    /// Ids that were wanted and are dealt with by this batch.
    pub(super) dealt_with: Vec<String>,
    /// Bytes of text in it, about.
    pub(super) size_bytes: usize,
    /// Whether something beside the above has to be saved.
    pub(super) moved: bool,
}

/// A batch with the place where the run goes on after it; none when the conversations are done.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) batch: Batch,
    pub(super) frontier: Option<Frontier>,
    /// Whether it reads again what an earlier round read: then only what is new counts.
    pub(super) catches_up: bool,
}

impl Batch {
    /// A transaction that is worth its commit.
    const ENOUGH_RECORDS: usize = 64;
    const ENOUGH_BYTES: usize = 2 * 1024 * 1024;

    pub(super) fn is_empty(&self) -> bool {
        self.dealt_with.is_empty() && !self.moved
    }

    pub(super) fn is_full(&self) -> bool {
        self.dealt_with.len() >= Self::ENOUGH_RECORDS || self.size_bytes >= Self::ENOUGH_BYTES
    }
}

/// Bytes that a conversation takes in memory, about.
pub(super) fn size_of(sight: &ConversationSight) -> usize {
    const PART: usize = 256;
    sight
        .parts()
        .map(|part| PART + part.text.as_ref().map_or(0, String::len) + part.extra.size_bytes())
        .sum::<usize>()
        + sight.extra().size_bytes()
        + 1024
}
