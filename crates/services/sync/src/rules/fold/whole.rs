use std::hash::Hash;

use chrono::{DateTime, Utc};

use super::{Origin, Version};
use crate::rules::fingerprint;

/// What was seen of a record that is always told whole: a contact or a company.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WholeSight<R> {
    pub(crate) record: R,
    pub(crate) version: Version,
}

impl<R: Hash> WholeSight<R> {
    pub(crate) fn new(
        record: R,
        updated_at: Option<DateTime<Utc>>,
        seen: (Origin, DateTime<Utc>),
    ) -> Self {
        let version = Version::new(updated_at, 0, seen, fingerprint(&record));
        Self { record, version }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sight() -> impl Strategy<Value = WholeSight<u8>> {
        (0..3_u8, 0..3_i64, 0..2_i16, 0..2_i64).prop_map(|(content, changed, origin, told)| {
            let at = |secs| DateTime::from_timestamp(secs, 0);
            let seen = (Origin::numbered(origin), at(told).unwrap());
            WholeSight::new(content, at(changed), seen)
        })
    }

    proptest! {
        #[test]
        fn the_newest_is_the_same_in_every_order(
            sights in prop::collection::vec(sight(), 1..8),
            order in Just(()).prop_perturb(|(), mut rng| rng.next_u64()),
        ) {
            let newest = |sights: &[WholeSight<u8>]| {
                sights.iter().max_by(|a, b| a.version.cmp(&b.version)).cloned()
            };
            let mut shuffled = sights.clone();
            shuffled.extend(sights.clone());
            let places = shuffled.len() as u64;
            shuffled.rotate_left(usize::try_from(order % places).unwrap());
            prop_assert_eq!(newest(&sights), newest(&shuffled));
        }
    }
}
