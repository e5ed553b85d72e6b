use std::{collections::BTreeMap, fmt::Write as _};

use serde::{Deserialize, Serialize};

/// What a run reads, in the order in which it reads it; `parts` come with their conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Tags,
    Admins,
    Teams,
    Segments,
    Attributes,
    Companies,
    Contacts,
    Conversations,
    Parts,
}

impl Kind {
    /// The word on the wire and on screen.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Admins => "admins",
            Self::Teams => "teams",
            Self::Segments => "segments",
            Self::Attributes => "attributes",
            Self::Companies => "companies",
            Self::Contacts => "contacts",
            Self::Conversations => "conversations",
            Self::Parts => "parts",
        }
    }
}

/// Why a record is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Skip {
    /// A contact that nobody could write to.
    NoValidEmail,
    /// A conversation in which no customer takes part.
    NoKnownContact,
}

impl Skip {
    /// In the words of a run's log.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NoValidEmail => "without a valid e-mail address",
            Self::NoKnownContact => "without a customer",
        }
    }

    /// The word on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NoValidEmail => "no_valid_email",
            Self::NoKnownContact => "no_known_contact",
        }
    }
}

/// Numbers of one kind of record: `seen = written + unchanged + skipped` once everything seen is dealt with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) seen: u64,
    pub(crate) written: u64,
    pub(crate) unchanged: u64,
    pub(crate) total: Option<u64>,
    #[serde(default)]
    pub(crate) skips: BTreeMap<Skip, u64>,
    /// Gone from the mirror, because gone at Intercom.
    #[serde(default)]
    pub(crate) deleted: u64,
    /// Conversations of which Intercom gave a tail of the parts, and no older ones are held.
    #[serde(default)]
    pub(crate) truncated: u64,
    /// Parts held afterwards of the conversations that were read; older ones included that were seen before.
    #[serde(default)]
    pub(crate) held: u64,
    /// Parts that Intercom counts in them.
    #[serde(default)]
    pub(crate) counted: u64,
}

impl Count {
    /// Left out, for whatever reason.
    pub(crate) fn skipped(&self) -> u64 {
        self.skips.values().sum()
    }

    /// What was read, in words.
    pub(crate) fn words(&self) -> String {
        let mut words = format!(
            "{} seen, {} written, {} unchanged, {} left out",
            self.seen,
            self.written,
            self.unchanged,
            self.skipped()
        );
        let why: Vec<String> = self
            .skips
            .iter()
            .map(|(skip, n)| format!("{n} {}", skip.words()))
            .collect();
        if !why.is_empty() {
            let _ = write!(words, " ({})", why.join(", "));
        }
        for (n, what) in [(self.deleted, "deleted"), (self.truncated, "truncated")] {
            if n > 0 {
                let _ = write!(words, ", {n} {what}");
            }
        }
        words
    }

    /// Dealt with.
    pub(crate) fn done(&self) -> u64 {
        self.written + self.unchanged + self.skipped()
    }
}

/// Numbers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Counts(BTreeMap<Kind, Count>);

impl Counts {
    /// The numbers of a kind, to be added to.
    pub(crate) fn of(&mut self, kind: Kind) -> &mut Count {
        self.0.entry(kind).or_default()
    }

    /// The numbers of every kind met so far, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Kind, &Count)> {
        self.0.iter().map(|(kind, count)| (*kind, count))
    }

    /// The numbers of a kind, if it was met.
    pub(crate) fn get(&self, kind: Kind) -> Option<&Count> {
        self.0.get(&kind)
    }

    /// Takes in what a batch says before it is written.
    pub(crate) fn absorb(&mut self, tally: &Tally) {
        for (kind, skip) in &tally.skips {
            let count = self.of(*kind);
            count.seen += skip.1;
            *count.skips.entry(skip.0).or_default() += skip.1;
        }
        for (kind, total) in &tally.totals {
            self.of(*kind).total = Some(*total);
        }
        for (kind, total) in &tally.first_totals {
            self.of(*kind).total.get_or_insert(*total);
        }
    }

    /// Takes in that `given` records were written, `changed` of which were new or different.
    pub(crate) fn wrote(&mut self, kind: Kind, given: usize, changed: usize) {
        let count = self.of(kind);
        count.seen += given as u64;
        count.written += changed as u64;
        count.unchanged += given.saturating_sub(changed) as u64;
    }
}

/// What is known about records before they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    skips: Vec<(Kind, (Skip, u64))>,
    totals: Vec<(Kind, u64)>,
    first_totals: Vec<(Kind, u64)>,
}

impl Tally {
    /// `how_many` records are left out.
    pub(crate) fn skip(&mut self, kind: Kind, reason: Skip, how_many: u64) {
        if how_many > 0 {
            self.skips.push((kind, (reason, how_many)));
        }
    }

    /// `total` records are expected.
    pub(crate) fn expect(&mut self, kind: Kind, total: u64) {
        self.totals.push((kind, total));
    }

    /// `total` records are expected, unless a number is known already: later answers count what is left.
    pub(crate) fn expect_at_first(&mut self, kind: Kind, total: u64) {
        self.first_totals.push((kind, total));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_adds_up() {
        let mut counts = Counts::default();
        let mut tally = Tally::default();
        tally.expect(Kind::Contacts, 10);
        tally.skip(Kind::Contacts, Skip::NoValidEmail, 3);
        tally.skip(Kind::Contacts, Skip::NoKnownContact, 0);
        counts.absorb(&tally);
        counts.wrote(Kind::Contacts, 7, 5);
        let count = counts.get(Kind::Contacts).unwrap();
        assert_eq!(
            (count.seen, count.written, count.unchanged, count.skipped()),
            (10, 5, 2, 3)
        );
        assert_eq!(count.done(), count.seen);
        assert_eq!(count.total, Some(10));
    }

    #[test]
    fn kinds_stand_in_the_order_in_which_they_are_read() {
        let mut counts = Counts::default();
        for kind in [Kind::Conversations, Kind::Tags, Kind::Contacts] {
            counts.of(kind).seen += 1;
        }
        let kinds: Vec<_> = counts.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["tags", "contacts", "conversations"]);
    }

    #[test]
    fn a_log_line_says_why_records_were_left_out() {
        let mut counts = Counts::default();
        let mut tally = Tally::default();
        tally.skip(Kind::Contacts, Skip::NoValidEmail, 3);
        counts.absorb(&tally);
        counts.wrote(Kind::Contacts, 7, 5);
        counts.of(Kind::Contacts).deleted = 1;
        assert_eq!(
            counts.of(Kind::Contacts).words(),
            "10 seen, 5 written, 2 unchanged, 3 left out (3 without a valid e-mail address), 1 deleted"
        );
        counts.wrote(Kind::Tags, 1, 1);
        assert_eq!(
            counts.of(Kind::Tags).words(),
            "1 seen, 1 written, 0 unchanged, 0 left out"
        );
    }

    #[test]
    fn counts_survive_the_store() {
        let mut counts = Counts::default();
        let mut tally = Tally::default();
        tally.skip(Kind::Conversations, Skip::NoKnownContact, 2);
        counts.absorb(&tally);
        let json = serde_json::to_string(&counts).unwrap();
        assert_eq!(serde_json::from_str::<Counts>(&json).unwrap(), counts);
    }
}
