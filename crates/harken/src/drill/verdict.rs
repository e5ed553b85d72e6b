use serde::Serialize;

use super::comparison::Differences;
use super::complaints::Complaints;
use super::ledger::{Entry, Fate, Kept, Ledger};
use super::notification::NotificationName;
use super::watch::Sightings;
use crate::output::count;

/// One promise, and whether it held.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) id: &'static str,
    pub(super) promise: &'static str,
    pub(super) holds: bool,
    /// The numbers behind it.
    pub(super) says: String,
    pub(super) complaints: Complaints,
}

/// What a drill found out.
pub(super) struct Findings<'f> {
    pub(super) ledger: &'f Ledger,
    pub(super) drill: u64,
    pub(super) sightings: &'f Sightings,
    pub(super) differences: &'f Differences,
    /// What the edge still held at the end.
    pub(super) spooled: u64,
}

impl Findings<'_> {
    pub(super) fn verdicts(&self) -> [Verdict; 4] {
        [
            self.nothing_is_lost(),
            self.nothing_doubles(),
            self.nothing_goes_back(),
            self.all_agrees(),
        ]
    }

    fn nothing_is_lost(&self) -> Verdict {
        let ledger = self.ledger;
        let accepted = ledger.count(Entry::is_accepted);
        let found = |fate| ledger.count(|entry| entry.is_accepted() && entry.fate == fate);
        let quarantined =
            ledger.count(|entry| entry.kept == Kept::Quarantine && entry.fate == Fate::Unknown);
        let mut lost = Complaints::default();
        for number in
            ledger.numbers(|entry| entry.kept > Kept::Quarantine && entry.fate == Fate::Unknown)
        {
            lost.add(|| {
                let drill = self.drill;
                format!("{} did not arrive", NotificationName { drill, number }.id())
            });
        }
        let says = format!(
            "{} accepted: {} applied, {} superseded, {} refetched, {} ignored, {} dead, {} in quarantine, {} missing",
            count(accepted),
            count(found(Fate::Applied)),
            count(found(Fate::Superseded)),
            count(found(Fate::Refetched)),
            count(found(Fate::Ignored)),
            count(found(Fate::Dead)),
            count(quarantined),
            count(lost.count),
        );
        Verdict {
            id: "I1",
            promise: "nothing accepted is lost",
            holds: accepted > 0 && lost.is_empty(),
            says,
            complaints: lost,
        }
    }

    fn nothing_doubles(&self) -> Verdict {
        let repeated = self.ledger.count(|entry| entry.attempts > 1);
        let doubled = self.differences.doubled.clone();
        Verdict {
            id: "I2",
            promise: "nothing has two effects",
            holds: doubled.is_empty(),
            says: format!(
                "{} told more than once, {} effects doubled",
                count(repeated),
                count(doubled.count)
            ),
            complaints: doubled,
        }
    }

    fn nothing_goes_back(&self) -> Verdict {
        let went_back = self.sightings.went_back.clone();
        Verdict {
            id: "I3",
            promise: "nothing goes back",
            holds: went_back.is_empty(),
            says: format!(
                "{} readings of {} conversations, {} older than the one before",
                count(self.sightings.reads),
                count(self.sightings.conversations),
                count(went_back.count)
            ),
            complaints: went_back,
        }
    }

    fn all_agrees(&self) -> Verdict {
        let Differences {
            customers,
            conversations,
            parts,
            doubled,
            missing,
            unexpected,
            differing,
        } = self.differences;
        let mut complaints = Complaints::default();
        if self.spooled > 0 {
            complaints.add(|| format!("{} still in the spool", count(self.spooled)));
        }
        for (kind, others) in [
            ("missing: ", missing),
            ("unexpected: ", unexpected),
            ("", differing),
            ("", doubled),
        ] {
            let mut named = others.clone();
            for one in &mut named.first {
                one.insert_str(0, kind);
            }
            complaints.extend(&named);
        }
        Verdict {
            id: "I4",
            promise: "at rest the mirror is the model",
            holds: complaints.is_empty(),
            says: format!(
                "spool {}; {} customers, {} conversations, {} parts compared, {} differences",
                count(self.spooled),
                count(*customers),
                count(*conversations),
                count(*parts),
                count(missing.count + unexpected.count + differing.count + doubled.count),
            ),
            complaints,
        }
    }
}
