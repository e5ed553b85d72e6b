//! What goes wrong on the way, on purpose and repeatably.

use super::settings::WebhookSettings;
use crate::story::{Chance, Seed};

/// Duplicates follow within this many milliseconds.
const DUPLICATE_WITHIN_MS: u64 = 2000;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mischief {
    pub(super) lost: bool,
    /// Milliseconds until each copy is sent; at least one.
    pub(super) delays_ms: Vec<u64>,
}

impl Mischief {
    /// The fate of the notification of this number.
    pub(super) fn of(seed: Seed, number: u64, settings: &WebhookSettings) -> Self {
        let mut chance = seed.of("webhook", number).chance();
        let lost = hits(&mut chance, settings.drops);
        let late = hits(&mut chance, settings.reorder);
        let lateness = chance.below(settings.reorder_within_ms + 1);
        let mut delays_ms = vec![if late { lateness } else { 0 }];
        if hits(&mut chance, settings.duplicates) {
            delays_ms.push(delays_ms[0] + chance.below(DUPLICATE_WITHIN_MS));
        }
        Self { lost, delays_ms }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a millionth is precise enough for a share"
)]
fn hits(chance: &mut Chance, share: f64) -> bool {
    (chance.below(1_000_000) as f64) < share * 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_and_repeat() {
        let settings = WebhookSettings {
            duplicates: 0.1,
            reorder: 0.3,
            reorder_within_ms: 500,
            drops: 0.02,
            ..WebhookSettings::default()
        };
        let seed = Seed::new(9);
        let all: Vec<_> = (0..10_000)
            .map(|number| Mischief::of(seed, number, &settings))
            .collect();
        let count = |which: &dyn Fn(&Mischief) -> bool| all.iter().filter(|one| which(one)).count();
        assert!((800..1200).contains(&count(&|one| one.delays_ms.len() == 2)));
        assert!((2700..3300).contains(&count(&|one| one.delays_ms[0] > 0)));
        assert!((120..280).contains(&count(&|one| one.lost)));
        assert!(all.iter().all(|one| one.delays_ms[0] <= 500));
        assert_eq!(Mischief::of(seed, 7, &settings), all[7]);
        let calm = Mischief::of(seed, 7, &WebhookSettings::default());
        assert_eq!((calm.lost, calm.delays_ms), (false, vec![0]));
    }
}
