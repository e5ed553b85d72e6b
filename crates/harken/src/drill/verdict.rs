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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use harken_contracts::wire::directory::v1::{Conversation, ExportBatch, ExportPart};
    use harken_contracts::wire::events::v1::Part;

    use super::super::comparison::Comparison;
    use super::super::ledger::Answer;
    use super::super::story::{Change, ConversationName, Story, World};
    use super::*;

    const WORLD: World = World {
        seed: 1,
        epoch: 1_790_000_000,
    };

    /// A ledger of whole stories in which everything was accepted and applied.
    fn ledger(customers: u32) -> Ledger {
        let mut ledger = Ledger::default();
        for customer in 0..customers {
            for step in 0..Story::of(WORLD, customer).steps.len() {
                let number = ledger.open(customer, u16::try_from(step).unwrap());
                ledger.attempt(number);
                ledger.answered(number, accepted());
                ledger.settled(number, Fate::Applied, Some(Duration::from_secs(1)));
            }
        }
        ledger
    }

    fn accepted() -> Answer {
        Answer {
            status: Some(200),
            kept: Kept::Stream,
            took: Duration::from_millis(1),
            at: Duration::from_secs(1),
        }
    }

    fn holds(ledger: &Ledger, differences: &Differences, sightings: &Sightings) -> [bool; 4] {
        let findings = Findings {
            ledger,
            drill: 1,
            sightings,
            differences,
            spooled: 0,
        };
        findings.verdicts().map(|verdict| verdict.holds)
    }

    #[test]
    fn an_accepted_notification_that_did_not_arrive_is_lost() {
        let mut ledger = ledger(3);
        let none = (Differences::default(), Sightings::default());
        assert_eq!(holds(&ledger, &none.0, &none.1), [true; 4]);
        let number = ledger.open(3, 0);
        ledger.answered(number, accepted());
        assert_eq!(holds(&ledger, &none.0, &none.1), [false, true, true, true]);
        ledger.settled(number, Fate::Dead, None);
        assert_eq!(holds(&ledger, &none.0, &none.1), [true; 4]);
    }

    #[test]
    fn a_refused_notification_is_not_owed_and_nothing_accepted_proves_nothing() {
        let mut refused = Ledger::default();
        let number = refused.open(0, 0);
        let answer = Answer {
            status: Some(503),
            kept: Kept::Nowhere,
            ..accepted()
        };
        refused.answered(number, answer);
        let none = (Differences::default(), Sightings::default());
        assert_eq!(holds(&refused, &none.0, &none.1), [false, true, true, true]);
        let mut some = ledger(1);
        let number = some.open(1, 0);
        some.answered(number, answer);
        assert_eq!(holds(&some, &none.0, &none.1), [true; 4]);
    }

    #[test]
    fn what_went_back_and_what_waits_in_the_spool_is_told() {
        let ledger = ledger(1);
        let mut sightings = Sightings::default();
        sightings.went_back.add(|| "older".to_owned());
        let nothing = Differences::default();
        assert_eq!(
            holds(&ledger, &nothing, &sightings),
            [true, true, false, true]
        );
        let findings = Findings {
            ledger: &ledger,
            drill: 1,
            sightings: &Sightings::default(),
            differences: &nothing,
            spooled: 1,
        };
        assert!(!findings.verdicts()[3].holds);
    }

    /// A part of a customer who has one, as the mirror would tell it but for its content.
    fn first_part() -> (ConversationName, Part) {
        for customer in 0.. {
            for step in Story::of(WORLD, customer).steps {
                if let Change::Conversation { ordinal, .. } = step.change {
                    let name = ConversationName { customer, ordinal };
                    let part = Part {
                        external_id: format!("source:{name}"),
                        ..Part::default()
                    };
                    return (name, part);
                }
            }
        }
        unreachable!("somebody writes");
    }

    #[test]
    fn a_part_that_is_there_twice_is_a_second_effect() {
        let (name, part) = first_part();
        let ledger = ledger(name.customer + 1);
        let told = ledger.by_customer();
        let mut comparison = Comparison::new(WORLD, &told);
        let row = ExportPart {
            conversation_external_id: name.to_string(),
            part: Some(part),
            ..ExportPart::default()
        };
        comparison.take(ExportBatch {
            parts: vec![row.clone(), row],
            ..ExportBatch::default()
        });
        let differences = comparison.end();
        assert_eq!(differences.doubled.count, 1, "{differences:?}");
        assert!(!differences.missing.is_empty() && !differences.differing.is_empty());
        let verdicts = holds(&ledger, &differences, &Sightings::default());
        assert_eq!(verdicts, [true, false, true, false]);
    }

    #[test]
    fn a_record_nobody_told_of_and_one_that_is_missing_break_the_fourth() {
        let ledger = ledger(2);
        let told = ledger.by_customer();
        let missing = Comparison::new(WORLD, &told).end();
        assert!(!missing.missing.is_empty());
        assert!(!holds(&ledger, &missing, &Sightings::default())[3]);
        let mut comparison = Comparison::new(WORLD, &told);
        let conversation = Conversation {
            external_id: "215471000000101".to_owned(),
            ..Conversation::default()
        };
        comparison.take(ExportBatch {
            conversations: vec![conversation],
            ..ExportBatch::default()
        });
        assert_eq!(comparison.end().unexpected.count, 1);
    }
}
