use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{counts::Kind, incremental::Place, search::Ranges};

/// Where a run goes on. Stored in the transaction of the rows that it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", from = "Stored")]
pub(crate) enum Checkpoint {
    /// A full run.
    Everything(Places),
    /// An incremental run has steps of its own.
    Incremental(Place),
    Finished,
}

/// How far the steps of a full run are. They go on side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Places {
    /// Lists of one call that are written.
    pub(crate) lists: BTreeSet<Kind>,
    pub(crate) companies: Position<Scroll>,
    pub(crate) contacts: Position<Listing>,
    pub(crate) conversations: Position<Frontier>,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Position<P> {
    Beginning,
    At(P),
    Done,
}

/// A scroll cannot be resumed, for the page that was under way at the stop is lost: each beginning is a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scroll {
    pub(crate) generation: u32,
    /// The scroll that this generation opened; the workspace's only one until it is read to its end.
    pub(crate) scroll: Option<String>,
}

/// Where the list of contacts goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listing {
    pub(crate) after: Option<String>,
}

/// How far the conversations are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frontier {
    #[serde(alias = "span")]
    pub(crate) ranges: Ranges,
    /// When the upper bound was frozen; what changes later is caught by the next round.
    pub(crate) bound: DateTime<Utc>,
    /// 0: the backfill; later ones catch what changed meanwhile.
    pub(crate) round: u32,
    /// Found by the search, not yet written.
    pub(crate) wanted: Vec<String>,
}

/// As the store holds it: a run that an earlier version began, which went step by step, goes on, too.
#[derive(Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Stored {
    Everything(Places),
    Incremental(Place),
    Tags,
    Admins,
    Teams,
    Definitions,
    Companies(Scroll),
    Contacts(Listing),
    Conversations(Frontier),
    Finished,
}

impl From<Stored> for Checkpoint {
    fn from(stored: Stored) -> Self {
        let after = |lists: &[Kind]| Places {
            lists: lists.iter().copied().collect(),
            ..Places::BEGINNING
        };
        let lists = || after(&[Kind::Tags, Kind::Admins, Kind::Teams]);
        Self::Everything(match stored {
            Stored::Everything(places) => places,
            Stored::Incremental(place) => return Self::Incremental(place),
            Stored::Finished => return Self::Finished,
            Stored::Tags => Places::BEGINNING,
            Stored::Admins => after(&[Kind::Tags]),
            Stored::Teams => after(&[Kind::Tags, Kind::Admins]),
            Stored::Definitions => lists(),
            Stored::Companies(scroll) => Places {
                companies: Position::At(scroll),
                ..lists()
            },
            Stored::Contacts(listing) => Places {
                companies: Position::Done,
                contacts: Position::At(listing),
                ..lists()
            },
            Stored::Conversations(frontier) => Places {
                companies: Position::Done,
                contacts: Position::Done,
                conversations: Position::At(frontier),
                ..lists()
            },
        })
    }
}

impl Checkpoint {
    /// Where a full run begins.
    pub(crate) const START: Self = Self::Everything(Places::BEGINNING);
}

impl Places {
    const BEGINNING: Self = Self {
        lists: BTreeSet::new(),
        companies: Position::Beginning,
        contacts: Position::Beginning,
        conversations: Position::Beginning,
    };

    /// Notes that a kind has been read to its end.
    pub(crate) fn end(&mut self, kind: Kind) {
        match kind {
            Kind::Companies => self.companies = Position::Done,
            Kind::Contacts => self.contacts = Position::Done,
            Kind::Conversations | Kind::Parts => self.conversations = Position::Done,
            list => {
                self.lists.insert(list);
            }
        }
    }
}

impl Frontier {
    /// How far the clocks of Intercom and ours may differ. Rounds overlap by it.
    const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(2);
    /// A workspace that changes faster than a round lasts is not chased for ever; its notifications take over.
    const MOST_ROUNDS: u32 = 5;

    /// The first round. `now` freezes the bound of what is to be read.
    pub(crate) fn backfill(now: DateTime<Utc>, window: TimeDelta) -> Self {
        Self {
            ranges: Ranges::new(now - window, now + Self::CLOCK_SKEW),
            bound: now,
            round: 0,
            wanted: Vec::new(),
        }
    }

    /// The round after this one, which found something new or not; none if it was the last.
    pub(crate) fn next_round(&self, found_something: bool, now: DateTime<Utc>) -> Option<Self> {
        let goes_on = (self.round == 0 || found_something) && self.round < Self::MOST_ROUNDS;
        goes_on.then(|| Self {
            ranges: Ranges::new(self.bound - Self::CLOCK_SKEW, now + Self::CLOCK_SKEW),
            bound: now,
            round: self.round + 1,
            wanted: Vec::new(),
        })
    }

    /// Whether this round reads again what an earlier one may have read.
    pub(crate) const fn catches_up(&self) -> bool {
        self.round > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(stored: &str) -> Places {
        match serde_json::from_str(stored).unwrap() {
            Checkpoint::Everything(places) => places,
            other => panic!("{other:?} is no full run"),
        }
    }

    #[test]
    fn a_place_survives_the_store() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut places = Places::BEGINNING;
        places.end(Kind::Teams);
        places.companies = Position::At(Scroll {
            generation: 2,
            scroll: Some("s".to_owned()),
        });
        places.contacts = Position::At(Listing {
            after: Some("c".to_owned()),
        });
        places.conversations = Position::At(Frontier::backfill(now, TimeDelta::days(90)));
        for place in [Checkpoint::START, Checkpoint::Everything(places)] {
            let json = serde_json::to_string(&place).unwrap();
            assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), place);
        }
    }

    /// What the version before stored, letter by letter.
    #[test]
    fn a_run_that_an_earlier_version_began_goes_on() {
        assert_eq!(places(r#"{"step":"tags"}"#), Places::BEGINNING);
        let admins = places(r#"{"step":"admins"}"#);
        assert_eq!(admins.lists, BTreeSet::from([Kind::Tags]));
        let teams = places(r#"{"step":"teams"}"#);
        assert_eq!(teams.lists, BTreeSet::from([Kind::Tags, Kind::Admins]));
        let companies = places(r#"{"step":"companies","generation":3,"scroll":"s1"}"#);
        assert_eq!(companies.lists.len(), 3);
        let scroll = Scroll {
            generation: 3,
            scroll: Some("s1".to_owned()),
        };
        assert_eq!(companies.companies, Position::At(scroll));
        let contacts = places(r#"{"step":"contacts","after":"c1"}"#);
        assert_eq!(contacts.companies, Position::Done);
        let after = Some("c1".to_owned());
        assert_eq!(contacts.contacts, Position::At(Listing { after }));
        let conversations = places(
            r#"{"step":"conversations","span":{"floor":100,"anchor":120,"taken":["7"],"within":null,"ended":false},
                "bound":"2026-11-20T00:00:00Z","round":1,"wanted":["8","9"]}"#,
        );
        assert_eq!(conversations.contacts, Position::Done);
        let Position::At(frontier) = conversations.conversations else {
            panic!("the frontier is lost");
        };
        assert!(frontier.catches_up() && !frontier.ranges.is_read());
        assert_eq!(frontier.wanted, ["8", "9"]);
        let finished: Checkpoint = serde_json::from_str(r#"{"step":"finished"}"#).unwrap();
        assert_eq!(finished, Checkpoint::Finished);
    }

    #[test]
    fn rounds_meet_and_end_when_nothing_changes_any_more() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let first = Frontier::backfill(now, TimeDelta::days(90));
        let later = now + TimeDelta::minutes(5);
        let second = first.next_round(true, later).unwrap();
        assert!(second.catches_up() && !first.catches_up());
        let (_, question) = second.ranges.question(&BTreeSet::new()).unwrap();
        assert!(question.after < now && question.before > later);
        assert_eq!(second.next_round(false, later), None);
    }

    #[test]
    fn a_workspace_that_never_rests_does_not_hold_the_run() {
        let now = DateTime::UNIX_EPOCH;
        let mut round = Frontier::backfill(now, TimeDelta::days(90));
        let mut rounds = 0;
        while let Some(next) = round.next_round(true, now) {
            round = next;
            rounds += 1;
        }
        assert_eq!(rounds, 5);
    }
}
