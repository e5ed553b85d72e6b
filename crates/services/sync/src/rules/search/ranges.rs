use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Found, Question, Span};

/// Spans that are read side by side, newest first. They meet exactly: what lies in one lies in no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub(crate) struct Ranges(Vec<Span>);

/// Names a range as long as a question of it is open: the second it begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RangeId(i64);

/// As the store holds them: runs that an earlier version began have one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Several(Vec<Span>),
    One(Span),
}

impl From<Stored> for Ranges {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Several(spans) => Self(spans),
            Stored::One(span) => Self(vec![span]),
        }
    }
}

impl Ranges {
    /// Most ranges that are not read to their ends.
    const MOST: usize = 8;
    /// A part that is likely to fill so many pages costs hardly a request more than the whole.
    const PAGES_EACH: u64 = 2;

    /// Everything from `floor` to `ceiling`, both included, in one range until an answer tells how much that is.
    pub(crate) fn new(floor: DateTime<Utc>, ceiling: DateTime<Utc>) -> Self {
        Self(vec![Span::new(floor, ceiling)])
    }

    /// What to ask next: of the newest range that is not asked at the moment.
    pub(crate) fn question(&self, asked: &BTreeSet<RangeId>) -> Option<(RangeId, Question)> {
        self.0
            .iter()
            .filter(|span| !asked.contains(&RangeId(span.floor)))
            .find_map(|span| Some((RangeId(span.floor), span.question()?)))
    }

    /// Whether all of it has been read.
    #[cfg(test)]
    pub(crate) fn is_read(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a page of a range and answers those of it that are new. `total` is how many its question matched; where
    /// that promises many more pages, the rest is cut.
    pub(crate) fn take<F: Found>(
        &mut self,
        range: RangeId,
        page: Vec<F>,
        next: Option<String>,
        total: Option<u64>,
    ) -> Vec<F> {
        let Some(at) = self.0.iter().position(|span| span.floor == range.0) else {
            return Vec::new();
        };
        let length = page.len() as u64;
        let new = self.0[at].take(page, next);
        let parts = self.parts(total.unwrap_or(0).saturating_sub(length), length);
        if parts > 1 {
            let whole = self.0.remove(at);
            self.0.splice(at..at, whole.cut(parts));
        }
        self.0.retain(|span| !span.ended);
        new
    }

    /// Into how many parts a range is cut that has so many records left, `length` of which fit on a page. Small workspaces
    /// pay no extra requests for it.
    fn parts(&self, left: u64, length: u64) -> i64 {
        // A page begins with the record that the one before it ended with.
        let pages = left / length.saturating_sub(1).max(1) + 1;
        let fit_easily = left / pages * 4 <= length * 3;
        let parts = if fit_easily {
            pages
        } else {
            pages / Self::PAGES_EACH
        };
        let most = (Self::MOST + 1).saturating_sub(self.0.len()) as u64;
        i64::try_from(parts.min(most)).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::search::tests::{Habits, Row, Workspace, habits, moment, rows};

    /// Reads ranges in the order that `turns` chooses, up to three questions open at once.
    fn read(
        workspace: &mut Workspace,
        ranges: &mut Ranges,
        mut turns: impl Iterator<Item = usize>,
        mut between: impl FnMut(&mut Workspace),
    ) -> Vec<Row> {
        let mut found = Vec::new();
        let mut open: Vec<(RangeId, Question)> = Vec::new();
        loop {
            let asked = open.iter().map(|(range, _)| *range).collect();
            match ranges.question(&asked) {
                Some(question) if open.len() < 3 => {
                    open.push(question);
                    continue;
                }
                _ if open.is_empty() => return found,
                _ => {}
            }
            let (range, question) = open.remove(turns.next().unwrap_or(0) % open.len());
            let (page, next, total) = workspace.answer_and_count(&question);
            found.extend(ranges.take(range, page, next, Some(total)));
            between(workspace);
        }
    }

    fn ids_within(rows: &[Row], span: std::ops::RangeInclusive<i64>) -> BTreeSet<String> {
        let within = rows.iter().filter(|row| span.contains(&row.at));
        within.map(|row| row.id.clone()).collect()
    }

    proptest! {
        #[test]
        fn ranges_meet_exactly(floor in -50..50_i64, length in 1..200_i64, parts in 1..20_i64) {
            let ceiling = floor + length - 1;
            let cut = Span::new(moment(floor), moment(ceiling)).cut(parts);
            prop_assert!(i64::try_from(cut.len()).unwrap() <= parts);
            prop_assert_eq!(cut[0].anchor, ceiling);
            prop_assert_eq!(cut[cut.len() - 1].floor, floor);
            for pair in cut.windows(2) {
                prop_assert_eq!(pair[1].anchor + 1, pair[0].floor);
            }
            prop_assert!(cut.iter().all(|span| span.floor <= span.anchor));
        }

        #[test]
        fn ranges_are_read_whole_and_once_in_any_order(
            rows in rows(), habits in habits(), turns in prop::collection::vec(0..3_usize, 0..100),
        ) {
            let expected = ids_within(&rows, 100..=120);
            let mut workspace = Workspace { rows, habits };
            let mut ranges = Ranges::new(moment(100), moment(120));
            let found = read(&mut workspace, &mut ranges, turns.into_iter(), |_| {});
            prop_assert!(ranges.is_read());
            let ids: BTreeSet<String> = found.iter().map(|row| row.id.clone()).collect();
            prop_assert_eq!(found.len(), ids.len());
            prop_assert_eq!(ids, expected);
        }

        #[test]
        fn nothing_is_lost_between_ranges_while_conversations_change(
            rows in rows(),
            habits in habits(),
            turns in prop::collection::vec(0..3_usize, 0..100),
            changes in prop::collection::vec(0..60_usize, 0..30),
        ) {
            // As for one span: no cursor that counts rows is safe where it has to lead.
            let most_at_once =
                (90..130).map(|at| rows.iter().filter(|row| (at..at + 2).contains(&row.at)).count()).max();
            prop_assume!(!habits.cursor_is_offset || most_at_once.unwrap_or(0) < habits.page);
            let all = ids_within(&rows, 100..=120);
            let mut workspace = Workspace { rows, habits };
            let mut changes = changes.into_iter();
            let mut ranges = Ranges::new(moment(100), moment(120));
            let mut found = read(&mut workspace, &mut ranges, turns.into_iter(), |workspace| {
                if let Some(row) = changes.next().and_then(|row| workspace.rows.get_mut(row)) {
                    row.at = 200;
                }
            });
            let mut later = Ranges::new(moment(121), moment(300));
            found.extend(read(&mut workspace, &mut later, std::iter::empty(), |_| {}));
            let found = found.into_iter().map(|row| row.id).collect();
            prop_assert!(all.is_subset(&found), "lost {:?}", all.difference(&found).collect::<Vec<_>>());
        }

        #[test]
        fn ranges_go_on_from_the_store(
            rows in rows(), habits in habits(), turns in prop::collection::vec(0..3_usize, 0..20),
        ) {
            let expected = ids_within(&rows, 100..=120);
            let mut workspace = Workspace { rows, habits };
            let mut ranges = Ranges::new(moment(100), moment(120));
            let mut found = BTreeSet::new();
            for turn in turns {
                // Some are asked already: their answers are lost with the process.
                let mut asked = BTreeSet::new();
                for _ in 0..turn {
                    asked.extend(ranges.question(&asked).map(|(range, _)| range));
                }
                let Some((range, question)) = ranges.question(&asked) else { break };
                let (page, next, total) = workspace.answer_and_count(&question);
                found.extend(ranges.take(range, page, next, Some(total)).into_iter().map(|row| row.id));
                let stored = serde_json::to_string(&ranges).unwrap();
                ranges = serde_json::from_str(&stored).unwrap();
            }
            let rest = read(&mut workspace, &mut ranges, std::iter::empty(), |_| {});
            found.extend(rest.into_iter().map(|row| row.id));
            prop_assert_eq!(found, expected);
        }
    }

    /// Questions needed for `how_many` conversations three seconds apart.
    fn questions(how_many: i64) -> usize {
        let rows = (0..how_many).map(|n| Row {
            id: format!("{n:05}"),
            at: 1000 + n * 3,
        });
        let habits = Habits {
            bounds_included: false,
            cursor_is_offset: false,
            page: 150,
        };
        let rows = rows.collect();
        let mut workspace = Workspace { rows, habits };
        let mut questions = 0;
        let mut ranges = Ranges::new(moment(1000), moment(1000 + how_many * 3));
        read(&mut workspace, &mut ranges, std::iter::empty(), |_| {
            questions += 1;
        });
        questions
    }

    #[test]
    fn small_workspaces_pay_no_extra_requests_and_large_ones_few() {
        // As many as one range after the other would take.
        for (how_many, pages) in [(1, 1), (150, 1), (300, 3), (450, 4), (600, 5)] {
            assert_eq!(questions(how_many), pages, "{how_many}");
        }
        // Of 10,000 requests these are a fraction of a percent.
        assert!(questions(10_000) <= 67 + 20, "{}", questions(10_000));
    }

    #[test]
    fn a_place_that_an_earlier_version_stored_is_read() {
        let span = Span::new(moment(100), moment(120));
        let stored = serde_json::to_string(&span).unwrap();
        let ranges: Ranges = serde_json::from_str(&stored).unwrap();
        assert_eq!(ranges, Ranges(vec![span]));
    }
}
