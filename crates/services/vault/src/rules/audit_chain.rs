//! The audit log as a hash chain: each entry's hash covers the entry and the hash before it.

use chrono::{DateTime, SubsecRound as _, Utc};
use harken_domain::OrganizationId;
use sha2::{Digest as _, Sha256};

pub(crate) type EntryHash = [u8; 32];

/// What the first entry of a chain follows.
pub(crate) const BEGINNING: EntryHash = [0; 32];

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub organization: OrganizationId,
    /// 1 for the first entry of an organization.
    pub sequence: i64,
    pub at: DateTime<Utc>,
    /// Who: `mem_…`, `key_…` or the name of a service.
    pub actor: String,
    /// What: `connection.opened`.
    pub action: String,
    /// To what: an id.
    pub subject: String,
    /// Why or how; free of secrets and of people's names.
    pub detail: String,
}

/// Where a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An entry is missing, or out of its place.
    #[error("entry {expected} of the audit log is missing")]
    Missing {
        /// Sequence of the missing entry.
        expected: i64,
    },
    /// An entry is not what was written.
    #[error("entry {sequence} of the audit log was changed")]
    Changed {
        /// Its sequence.
        sequence: i64,
    },
    /// The last entries are missing.
    #[error("the audit log ends at entry {found}; its last entry is {expected}")]
    CutShort {
        /// Sequence of the last entry that is there.
        found: i64,
        /// Sequence of the last entry that was written.
        expected: i64,
    },
}

impl Entry {
    /// The entry's hash when it follows `previous`.
    pub(crate) fn hash(&self, previous: &EntryHash) -> EntryHash {
        let mut hash = Sha256::new();
        let organization = self.organization.as_uuid();
        let parts: [&[u8]; 8] = [
            previous,
            organization.as_bytes(),
            &self.sequence.to_be_bytes(),
            // The store keeps microseconds.
            &self.at.trunc_subsecs(6).timestamp_micros().to_be_bytes(),
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.subject.as_bytes(),
            self.detail.as_bytes(),
        ];
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// Walks a chain from its first entry.
#[derive(Debug)]
pub(crate) struct Walk {
    sequence: i64,
    hash: EntryHash,
}

impl Walk {
    pub(crate) const fn new() -> Self {
        Self {
            sequence: 0,
            hash: BEGINNING,
        }
    }

    /// Checks the next entry against the hash stored with it.
    pub(crate) fn step(&mut self, entry: &Entry, stored: &[u8]) -> Result<(), BrokenChain> {
        let expected = self.sequence + 1;
        if entry.sequence != expected {
            return Err(BrokenChain::Missing { expected });
        }
        let hash = entry.hash(&self.hash);
        if hash != stored {
            return Err(BrokenChain::Changed {
                sequence: entry.sequence,
            });
        }
        *self = Self {
            sequence: entry.sequence,
            hash,
        };
        Ok(())
    }

    /// Checks the end against the last link as it was witnessed.
    pub(crate) fn finish(self, sequence: i64, hash: &[u8]) -> Result<i64, BrokenChain> {
        if self.sequence < sequence {
            return Err(BrokenChain::CutShort {
                found: self.sequence,
                expected: sequence,
            });
        }
        if self.hash != hash {
            return Err(BrokenChain::Changed {
                sequence: self.sequence,
            });
        }
        Ok(self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<(Entry, EntryHash)> {
        let mut previous = BEGINNING;
        let link = |sequence| {
            let entry = Entry {
                organization: OrganizationId::derive(&[b"o"]),
                sequence,
                at: DateTime::from_timestamp(1_790_000_000 + sequence, 123_456_789).unwrap(),
                actor: "gateway".to_owned(),
                action: "secret.opened".to_owned(),
                subject: "con_1".to_owned(),
                detail: "call".to_owned(),
            };
            previous = entry.hash(&previous);
            (entry, previous)
        };
        (1..=length).map(link).collect()
    }

    fn verify(chain: &[(Entry, EntryHash)], head: &(Entry, EntryHash)) -> Result<i64, BrokenChain> {
        let mut walk = Walk::new();
        for (entry, hash) in chain {
            walk.step(entry, hash)?;
        }
        walk.finish(head.0.sequence, &head.1)
    }

    #[test]
    fn a_chain_as_written_is_sound() {
        let chain = chain(5);
        assert_eq!(verify(&chain, &chain[4]), Ok(5));
    }

    #[test]
    fn a_changed_entry_is_found() {
        let mut chain = chain(5);
        let head = chain[4].clone();
        chain[2].0.detail = "test".to_owned();
        assert_eq!(
            verify(&chain, &head),
            Err(BrokenChain::Changed { sequence: 3 })
        );
    }

    #[test]
    fn a_changed_entry_with_a_fitting_hash_breaks_the_next() {
        let mut chain = chain(5);
        let head = chain[4].clone();
        chain[2].0.detail = "test".to_owned();
        chain[2].1 = chain[2].0.hash(&chain[1].1);
        assert_eq!(
            verify(&chain, &head),
            Err(BrokenChain::Changed { sequence: 4 })
        );
    }

    #[test]
    fn a_removed_entry_is_missed_wherever_it_was() {
        let whole = chain(5);
        for gone in 0..5 {
            let mut chain = whole.clone();
            chain.remove(gone);
            assert!(verify(&chain, &whole[4]).is_err(), "{gone}");
        }
        assert!(verify(&[], &whole[4]).is_err());
    }
}
