//! Reads a slice of time from a search, oldest first.
//!
//! A slice holds its first second and not its last, so that slices meet exactly. A record that changes while it is read
//! leaves upwards: it is met again further up, or belongs to the next slice. Each page begins at the second where the last
//! one ended, so that no leaving moves the others past us.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::rules::search::{Found, Question};

/// How far a slice has been read. All times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slice {
    /// The first second that no longer belongs to it.
    until: i64,
    /// Everything below this has been taken; at this second, what `taken` names.
    anchor: i64,
    taken: Vec<String>,
    /// Where the pages of one second go on that holds more than a page.
    within: Option<String>,
    ended: bool,
}

impl Slice {
    /// From `from`, which belongs to it, to `until`, which does not.
    pub(crate) fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        let (anchor, until) = (from.timestamp(), until.timestamp());
        Self {
            until,
            anchor,
            taken: Vec::new(),
            within: None,
            ended: anchor >= until,
        }
    }

    /// What to ask next; none when the slice has been read. Where Intercom takes the ends to belong to the window, what lies
    /// outside is dropped.
    pub(crate) fn question(&self) -> Option<Question> {
        let moment = |secs| DateTime::from_timestamp(secs, 0).unwrap_or_default();
        (!self.ended).then(|| Question {
            after: moment(self.anchor - 1),
            before: moment(self.until),
            cursor: self.within.clone(),
        })
    }

    /// Up to where everything has been taken.
    pub(crate) fn read_until(&self) -> DateTime<Utc> {
        let secs = if self.ended { self.until } else { self.anchor };
        DateTime::from_timestamp(secs, 0).unwrap_or_default()
    }

    /// Ids at the second where the next page begins, which have been taken.
    pub(crate) fn taken(&self) -> &[String] {
        &self.taken
    }

    /// Takes a page and answers those of it that are new.
    pub(crate) fn take<F: Found>(&mut self, page: Vec<F>, next: Option<String>) -> Vec<F> {
        let times: Vec<i64> = page
            .iter()
            .map(|found| found.updated_at().unwrap_or(self.anchor))
            .collect();
        let in_order = times.is_sorted();
        let last = times.last().copied().unwrap_or(self.anchor);
        let new: Vec<F> = page
            .into_iter()
            .zip(&times)
            .filter(|(found, at)| {
                (self.anchor..self.until).contains(*at)
                    && !(**at == self.anchor && self.taken.iter().any(|id| id == found.id()))
            })
            .map(|(found, _)| found)
            .collect();
        match next {
            None => self.ended = true,
            Some(_) if times.is_empty() || (in_order && last >= self.until) => self.ended = true,
            // The same cursor again would go round for ever.
            Some(next) if self.within.as_ref() == Some(&next) => self.ended = true,
            Some(_) if in_order && last > self.anchor => {
                self.anchor = last;
                self.taken = ids_at(&new, last);
                self.within = None;
            }
            // A whole page of one second, or an answer without order: only the cursor can lead on.
            Some(next) => {
                let here = ids_at(&new, self.anchor);
                self.taken.extend(here);
                self.within = Some(next);
            }
        }
        new
    }
}

fn ids_at<F: Found>(found: &[F], second: i64) -> Vec<String> {
    let here = found
        .iter()
        .filter(|found| found.updated_at() == Some(second));
    here.map(|found| found.id().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Row {
        id: String,
        at: i64,
    }

    impl Found for Row {
        fn id(&self) -> &str {
            &self.id
        }

        fn updated_at(&self) -> Option<i64> {
            Some(self.at)
        }
    }

    /// A search whose cursor names the last record that was shown, and whose ends may belong to the window.
    #[derive(Debug)]
    struct Workspace {
        rows: Vec<Row>,
        ends_belong: bool,
        page: usize,
    }

    impl Workspace {
        fn answer(&self, question: &Question) -> (Vec<Row>, Option<String>) {
            let slack = i64::from(self.ends_belong);
            let (after, before) = (question.after.timestamp(), question.before.timestamp());
            let mut rows = self.rows.clone();
            rows.retain(|row| row.at > after - slack && row.at < before + slack);
            rows.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            let start = question.cursor.as_ref().map_or(0, |cursor| {
                let (at, id) = cursor.split_once(' ').unwrap();
                let place = (at.parse::<i64>().unwrap(), id);
                rows.partition_point(|row| (row.at, row.id.as_str()) <= place)
            });
            let page: Vec<Row> = rows[start..].iter().take(self.page).cloned().collect();
            let more = start + page.len() < rows.len();
            let next = page.last().filter(|_| more);
            let next = next.map(|last| format!("{} {}", last.at, last.id));
            (page, next)
        }

        fn read(&mut self, mut slice: Slice, mut meanwhile: impl FnMut(&mut Self)) -> Vec<Row> {
            let mut found = Vec::new();
            while let Some(question) = slice.question() {
                let (page, next) = self.answer(&question);
                found.extend(slice.take(page, next));
                meanwhile(self);
            }
            found
        }
    }

    fn moment(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(secs, 0).unwrap()
    }

    fn workspace() -> impl Strategy<Value = Workspace> {
        let times = prop::collection::vec(90..140_i64, 0..60);
        (times, any::<bool>(), 1..12_usize).prop_map(|(times, ends_belong, page)| Workspace {
            rows: times
                .into_iter()
                .enumerate()
                .map(|(n, at)| Row {
                    id: format!("{n:03}"),
                    at,
                })
                .collect(),
            ends_belong,
            page,
        })
    }

    proptest! {
        #[test]
        fn slices_that_meet_hold_everything_once(mut workspace in workspace(), cut in 95..135_i64) {
            let mut expected: Vec<String> = workspace
                .rows
                .iter()
                .filter(|row| (100..130).contains(&row.at))
                .map(|row| row.id.clone())
                .collect();
            let cut = cut.clamp(100, 130);
            let mut found = workspace.read(Slice::new(moment(100), moment(cut)), |_| {});
            found.extend(workspace.read(Slice::new(moment(cut), moment(130)), |_| {}));
            prop_assert!(found.is_sorted_by(|older, newer| older.at <= newer.at));
            let mut ids: Vec<String> = found.into_iter().map(|row| row.id).collect();
            ids.sort();
            expected.sort();
            prop_assert_eq!(ids, expected);
        }

        #[test]
        fn nothing_is_lost_while_records_change(
            mut workspace in workspace(),
            changes in prop::collection::vec((0..60_usize, 100..160_i64), 0..30),
        ) {
            let mut changes = changes.into_iter();
            let mut clock = 140;
            let found = workspace.read(Slice::new(moment(100), moment(150)), |workspace| {
                clock += 1;
                if let Some((row, _)) = changes.next() && let Some(row) = workspace.rows.get_mut(row) {
                    row.at = clock;
                }
            });
            // The next slice begins where the reading of this one began.
            let later = workspace.read(Slice::new(moment(140), moment(300)), |_| {});
            let found: BTreeSet<(String, i64)> =
                found.into_iter().chain(later).map(|row| (row.id, row.at)).collect();
            for row in workspace.rows.iter().filter(|row| row.at >= 100) {
                prop_assert!(found.contains(&(row.id.clone(), row.at)), "{row:?} as it is was not found");
            }
        }

        #[test]
        fn a_slice_goes_on_from_the_store(mut workspace in workspace(), stop in 0..8_usize) {
            let whole = workspace.read(Slice::new(moment(100), moment(130)), |_| {});
            let mut slice = Slice::new(moment(100), moment(130));
            let mut found = Vec::new();
            let mut asked = 0;
            while let Some(question) = slice.question() {
                let (page, next) = workspace.answer(&question);
                found.extend(slice.take(page, next));
                asked += 1;
                if asked == stop {
                    slice = serde_json::from_value(serde_json::to_value(&slice).unwrap()).unwrap();
                }
            }
            prop_assert_eq!(found, whole);
            prop_assert_eq!(slice.read_until(), moment(130));
        }
    }

    #[test]
    fn a_slice_of_no_time_asks_nothing() {
        assert_eq!(Slice::new(moment(7), moment(7)).question(), None);
    }
}
