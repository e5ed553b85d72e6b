//! Ids as Intercom writes them, computed from numbers and read back without a table.

use super::chance::Seed;
use super::permutation::Permutation;

const CONVERSATION_BASE: u64 = 215_470_000_000_000;
const PART_BASE: u64 = 37_000_000_000;
/// Room for the parts of one conversation in the numbering of parts.
pub(crate) const PARTS_EACH: u64 = 8192;
const KIND_BITS: u32 = 30;

/// What a 24-digit hexadecimal id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Subject {
    Contact(u64),
    /// A lead merged into the survivor of this deck.
    Merged(u64),
    /// A contact deleted long ago; the number is the conversation's that remembers it.
    Ghost(u64),
    Company(u64),
}

/// Writes and reads the ids of one workspace.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    seed: Seed,
    shuffle: Permutation,
}

impl Ids {
    pub(crate) fn new(seed: Seed) -> Self {
        let seed = seed.of("ids", 0);
        Self {
            seed,
            shuffle: Permutation::new(seed, 1 << 32),
        }
    }

    /// 24 hexadecimal digits, like the object ids Intercom hands out.
    pub(crate) fn subject(&self, subject: Subject) -> String {
        let (kind, number) = match subject {
            Subject::Contact(number) => (0, number),
            Subject::Merged(number) => (1, number),
            Subject::Ghost(number) => (2, number),
            Subject::Company(number) => (3, number),
        };
        let secret = self.shuffle.forward((kind << KIND_BITS) | number);
        format!("{:016x}{secret:08x}", self.seal(secret))
    }

    pub(crate) fn read_subject(&self, id: &str) -> Option<Subject> {
        if id.len() != 24 || !id.is_ascii() {
            return None;
        }
        let seal = u64::from_str_radix(&id[..16], 16).ok()?;
        let secret = u64::from_str_radix(&id[16..], 16).ok()?;
        if seal != self.seal(secret) {
            return None;
        }
        let plain = self.shuffle.inverse(secret);
        let number = plain & ((1 << KIND_BITS) - 1);
        match plain >> KIND_BITS {
            0 => Some(Subject::Contact(number)),
            1 => Some(Subject::Merged(number)),
            2 => Some(Subject::Ghost(number)),
            3 => Some(Subject::Company(number)),
            _ => None,
        }
    }

    /// Begins like an id made in 2025, as real ones carry their time in front.
    fn seal(&self, secret: u64) -> u64 {
        let seal = self.seed.of("seal", secret).value();
        0x6800_0000_0000_0000 | (seal & 0x00ff_ffff_ffff_ffff)
    }

    /// 15 decimal digits, beyond 32 bits.
    pub(crate) fn conversation(&self, number: u64) -> u64 {
        CONVERSATION_BASE + self.shuffle.forward(number)
    }

    pub(crate) fn read_conversation(&self, id: &str) -> Option<u64> {
        let secret = id.parse::<u64>().ok()?.checked_sub(CONVERSATION_BASE)?;
        (secret < 1 << 32).then(|| self.shuffle.inverse(secret))
    }

    pub(crate) fn part(conversation: u64, index: u64) -> u64 {
        PART_BASE + conversation * PARTS_EACH + index
    }

    /// The index of a part within its conversation.
    pub(crate) fn read_part(conversation: u64, id: &str) -> Option<u64> {
        let first = Self::part(conversation, 0);
        let index = id.parse::<u64>().ok()?.checked_sub(first)?;
        (index < PARTS_EACH).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_read_back_as_written(seed: u64, number in 0u64..1 << 30) {
            let ids = Ids::new(Seed::new(seed));
            for subject in [
                Subject::Contact(number),
                Subject::Merged(number),
                Subject::Ghost(number),
                Subject::Company(number),
            ] {
                prop_assert_eq!(ids.read_subject(&ids.subject(subject)), Some(subject));
            }
            let id = ids.conversation(number).to_string();
            prop_assert_eq!(id.len(), 15);
            prop_assert_eq!(ids.read_conversation(&id), Some(number));
        }

        #[test]
        fn a_made_up_id_means_nothing(seed: u64, id in "[0-9a-f]{24}") {
            prop_assert_eq!(Ids::new(Seed::new(seed)).read_subject(&id), None);
        }
    }
}
