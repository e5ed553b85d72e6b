//! Reads a span of time from a search so that nothing is lost while conversations change.
//!
//! Newest first below a frozen upper bound: a conversation that changes meanwhile leaves the span upwards and is caught by
//! the span after it, and as each page begins at the second where the last one ended, no leaving moves the others past us.
//! Several spans that meet exactly are read side by side ([`Ranges`]).

mod ranges;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(crate) use self::ranges::{RangeId, Ranges};

/// How far a span has been read. All times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    /// Records changed at or after this belong to it.
    floor: i64,
    /// Everything above this has been taken; at this second, what `taken` names.
    anchor: i64,
    taken: Vec<String>,
    /// Where the pages of one second go on that holds more than a page.
    within: Option<String>,
    ended: bool,
}

/// What to ask next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Changed after this, and before…
    pub(crate) after: DateTime<Utc>,
    /// …this.
    pub(crate) before: DateTime<Utc>,
    /// Intercom's cursor within this very question.
    pub(crate) cursor: Option<String>,
}

/// A conversation as a search shows it: whatever the caller needs, and these two.
pub(crate) trait Found {
    fn id(&self) -> &str;
    /// Unix seconds.
    fn updated_at(&self) -> Option<i64>;
}

impl Span {
    /// The span from `floor` to `ceiling`, both included.
    pub(crate) fn new(floor: DateTime<Utc>, ceiling: DateTime<Utc>) -> Self {
        Self {
            floor: floor.timestamp(),
            anchor: ceiling.timestamp(),
            taken: Vec::new(),
            within: None,
            ended: false,
        }
    }

    /// What to ask next; none when the span has been read. A second more on each side, for sources differ on whether the
    /// ends belong to the window.
    pub(crate) fn question(&self) -> Option<Question> {
        let moment = |secs| DateTime::from_timestamp(secs, 0).unwrap_or_default();
        (!self.ended).then(|| Question {
            after: moment(self.floor - 1),
            before: moment(self.anchor + 1),
            cursor: self.within.clone(),
        })
    }

    /// Cuts what is left into at most `parts` spans of equal length, newest first: each begins at the second after the one
    /// below it ends. A span that only a cursor leads through stays whole.
    fn cut(self, parts: i64) -> Vec<Self> {
        let length = self.anchor - self.floor + 1;
        let parts = parts.min(length);
        if parts < 2 || self.within.is_some() || self.ended {
            return vec![self];
        }
        let begin = |part: i64| self.floor + length * part / parts;
        let below = (0..parts - 1).rev().map(|part| Self {
            floor: begin(part),
            anchor: begin(part + 1) - 1,
            taken: Vec::new(),
            within: None,
            ended: false,
        });
        let below: Vec<Self> = below.collect();
        let newest = Self {
            floor: begin(parts - 1),
            ..self
        };
        std::iter::once(newest).chain(below).collect()
    }

    /// Takes a page and answers those of it that are new.
    pub(crate) fn take<F: Found>(&mut self, page: Vec<F>, next: Option<String>) -> Vec<F> {
        let times: Vec<i64> = page
            .iter()
            .map(|found| found.updated_at().unwrap_or(self.anchor))
            .collect();
        let in_order = times.is_sorted_by(|newer, older| newer >= older);
        let last = times.last().copied().unwrap_or(self.floor);
        let new: Vec<F> = page
            .into_iter()
            .zip(&times)
            .filter(|(found, at)| {
                (self.floor..=self.anchor).contains(*at)
                    && !(**at == self.anchor && self.taken.iter().any(|id| id == found.id()))
            })
            .map(|(found, _)| found)
            .collect();
        match next {
            None => self.ended = true,
            Some(_) if times.is_empty() => self.ended = true,
            // The same cursor again would go round for ever.
            Some(next) if self.within.as_ref() == Some(&next) => self.ended = true,
            Some(_) if in_order && last < self.anchor => {
                self.anchor = last;
                self.taken = ids_at(&new, last).collect();
                self.within = None;
            }
            // A whole page of one second, or an answer without order: only the cursor can lead on.
            Some(next) => {
                let here: Vec<String> = ids_at(&new, self.anchor).collect();
                self.taken.extend(here);
                self.within = Some(next);
            }
        }
        new
    }
}

fn ids_at<F: Found>(found: &[F], second: i64) -> impl Iterator<Item = String> {
    found
        .iter()
        .filter(move |found| found.updated_at() == Some(second))
        .map(|found| found.id().to_owned())
}

#[cfg(test)]
pub(in crate::rules::search) mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    pub(in crate::rules::search) struct Row {
        pub(in crate::rules::search) id: String,
        pub(in crate::rules::search) at: i64,
    }

    impl Found for Row {
        fn id(&self) -> &str {
            &self.id
        }

        fn updated_at(&self) -> Option<i64> {
            Some(self.at)
        }
    }

    /// How the searched side treats what its text leaves open.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::rules::search) struct Habits {
        pub(in crate::rules::search) bounds_included: bool,
        /// Cursors count rows, so that a row which leaves moves the others.
        pub(in crate::rules::search) cursor_is_offset: bool,
        pub(in crate::rules::search) page: usize,
    }

    pub(in crate::rules::search) struct Workspace {
        pub(in crate::rules::search) rows: Vec<Row>,
        pub(in crate::rules::search) habits: Habits,
    }

    impl Workspace {
        /// A page, the cursor to the next, and how many match in all.
        pub(in crate::rules::search) fn answer_and_count(
            &self,
            question: &Question,
        ) -> (Vec<Row>, Option<String>, u64) {
            let (after, before) = (question.after.timestamp(), question.before.timestamp());
            let slack = i64::from(self.habits.bounds_included);
            let mut rows: Vec<Row> = self.rows.clone();
            rows.retain(|row| row.at > after - slack && row.at < before + slack);
            rows.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
            let start = match &question.cursor {
                None => 0,
                Some(cursor) if self.habits.cursor_is_offset => cursor.parse().unwrap(),
                Some(cursor) => {
                    let (at, id) = cursor.split_once(' ').unwrap();
                    let at: i64 = at.parse().unwrap();
                    rows.partition_point(|row| (row.at, row.id.as_str()) >= (at, id))
                }
            };
            let page: Vec<Row> = rows
                .iter()
                .skip(start)
                .take(self.habits.page)
                .cloned()
                .collect();
            let more = start + page.len() < rows.len();
            let next = page.last().filter(|_| more).map(|last| {
                if self.habits.cursor_is_offset {
                    (start + page.len()).to_string()
                } else {
                    format!("{} {}", last.at, last.id)
                }
            });
            (page, next, rows.len() as u64)
        }

        fn answer(&self, question: &Question) -> (Vec<Row>, Option<String>) {
            let (page, next, _) = self.answer_and_count(question);
            (page, next)
        }

        fn read(&self, span: &mut Span) -> Vec<Row> {
            let mut found = Vec::new();
            while let Some(question) = span.question() {
                let (page, next) = self.answer(&question);
                found.extend(span.take(page, next));
            }
            found
        }
    }

    pub(in crate::rules::search) fn moment(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(secs, 0).unwrap()
    }

    pub(in crate::rules::search) fn habits() -> impl Strategy<Value = Habits> {
        (any::<bool>(), any::<bool>(), 1..12_usize).prop_map(
            |(bounds_included, cursor_is_offset, page)| Habits {
                bounds_included,
                cursor_is_offset,
                page,
            },
        )
    }

    pub(in crate::rules::search) fn rows() -> impl Strategy<Value = Vec<Row>> {
        prop::collection::vec(90..130_i64, 0..60).prop_map(|times| {
            let rows = times.into_iter().enumerate();
            rows.map(|(n, at)| Row {
                id: format!("{n:03}"),
                at,
            })
            .collect()
        })
    }

    proptest! {
        #[test]
        fn a_span_is_read_whole_and_once(rows in rows(), habits in habits()) {
            let mut expected: Vec<String> =
                rows.iter().filter(|row| (100..=120).contains(&row.at)).map(|row| row.id.clone()).collect();
            let workspace = Workspace { rows, habits };
            let found = workspace.read(&mut Span::new(moment(100), moment(120)));
            prop_assert!(found.is_sorted_by(|newer, older| newer.at >= older.at));
            let mut ids: Vec<String> = found.into_iter().map(|row| row.id).collect();
            ids.sort();
            expected.sort();
            prop_assert_eq!(ids, expected);
        }

        /// The property that offsets and ascending cursors lack.
        #[test]
        fn nothing_is_lost_while_conversations_change(
            rows in rows(),
            habits in habits(),
            changes in prop::collection::vec((0..60_usize, 1..4_usize), 0..30),
        ) {
            // Where a page holds no more than a second and its neighbour, Intercom's own cursor leads, and no cursor that
            // counts rows is safe.
            let most_at_once =
                (90..130).map(|at| rows.iter().filter(|row| (at..at + 2).contains(&row.at)).count()).max();
            prop_assume!(!habits.cursor_is_offset || most_at_once.unwrap_or(0) < habits.page);
            let mut workspace = Workspace { rows, habits };
            let all: BTreeSet<String> =
                workspace.rows.iter().filter(|row| (100..=120).contains(&row.at)).map(|row| row.id.clone()).collect();
            let mut found = BTreeSet::new();
            let mut changes = changes.into_iter();
            let mut span = Span::new(moment(100), moment(120));
            while let Some(question) = span.question() {
                let (page, next) = workspace.answer(&question);
                found.extend(span.take(page, next).into_iter().map(|row| row.id));
                // Between two pages somebody writes: the conversation moves beyond the bound.
                if let Some((row, _)) = changes.next() && row < workspace.rows.len() {
                    workspace.rows[row].at = 200;
                }
            }
            found.extend(workspace.read(&mut Span::new(moment(121), moment(300))).into_iter().map(|row| row.id));
            prop_assert!(all.is_subset(&found), "lost {:?}", all.difference(&found).collect::<Vec<_>>());
        }

        #[test]
        fn a_span_goes_on_from_the_store(rows in rows(), habits in habits(), stop in 0..8_usize) {
            let workspace = Workspace { rows, habits };
            let whole = workspace.read(&mut Span::new(moment(100), moment(120)));
            let mut span = Span::new(moment(100), moment(120));
            let mut found = Vec::new();
            for _ in 0..stop {
                let Some(question) = span.question() else { break };
                let (page, next) = workspace.answer(&question);
                found.extend(span.take(page, next));
            }
            let stored = serde_json::to_string(&span).unwrap();
            found.extend(workspace.read(&mut serde_json::from_str(&stored).unwrap()));
            prop_assert_eq!(found, whole);
        }
    }

    #[test]
    fn the_pages_asked_for_are_as_few_as_they_can_be() {
        let rows = (0..1000)
            .map(|n| Row {
                id: format!("{n:04}"),
                at: 1000 + n * 3,
            })
            .collect();
        let habits = Habits {
            bounds_included: false,
            cursor_is_offset: false,
            page: 150,
        };
        let workspace = Workspace { rows, habits };
        let mut span = Span::new(moment(0), moment(10_000));
        let mut questions = 0;
        while let Some(question) = span.question() {
            let (page, next) = workspace.answer(&question);
            span.take(page, next);
            questions += 1;
        }
        assert_eq!(questions, 7);
    }

    #[test]
    fn a_cursor_that_does_not_move_ends_the_span() {
        let mut span = Span::new(moment(0), moment(10));
        let row = |id: &str| Row {
            id: id.to_owned(),
            at: 10,
        };
        span.take(vec![row("a")], Some("same".to_owned()));
        span.take(vec![row("a")], Some("same".to_owned()));
        assert_eq!(span.question(), None);
    }
}
