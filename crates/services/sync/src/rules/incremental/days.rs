//! Which days of contacts to ask for, and when enough of them has been read.
//!
//! Intercom's contact search compares whole days of the workspace's zone. Its answers keep the second, so it is asked for
//! generously many days, newest first, and read until it reaches what the runs before have read. Newest first, for whoever
//! is read oldest first pays for the whole day at every run; a contact that changes meanwhile moves up past us and is the
//! next run's.

use chrono::{DateTime, Days as Span, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// How long after its change a contact may still be missing from the search: minutes, by Intercom's word.
const LAG: TimeDelta = TimeDelta::hours(1);

/// The contacts that changed since the last run, as a search is asked for them.
#[derive(Clone, Debug)]
pub(crate) struct Days {
    /// What changed before this need not be read.
    floor: DateTime<Utc>,
    first: DateTime<Utc>,
    /// The oldest change that was shown so far, as long as the answers keep their order.
    reached: Option<DateTime<Utc>>,
    in_order: bool,
}

impl Days {
    /// The days that hold everything that changed `since` then, in the workspace's zone.
    pub(crate) fn covering(since: DateTime<Utc>, zone: Tz) -> Self {
        let floor = since - LAG;
        Self {
            floor,
            first: noon_of_the_day_before(floor, zone),
            reached: None,
            in_order: true,
        }
    }

    /// A moment in the first day to ask for: noon, which no change of clocks and no difference of opinion about the zone
    /// moves behind what has to be found.
    pub(crate) const fn first(&self) -> DateTime<Utc> {
        self.first
    }

    /// Whether a contact that changed then may not have been read.
    pub(crate) fn hold(&self, updated_at: Option<DateTime<Utc>>) -> bool {
        updated_at.is_none_or(|at| at >= self.floor)
    }

    /// Takes in when the contacts of a page changed, in the order of the answer; whether the next page is needed.
    pub(crate) fn go_on_after(&mut self, page: &[Option<DateTime<Utc>>]) -> bool {
        for at in page.iter().flatten() {
            self.in_order &= self.reached.is_none_or(|reached| *at <= reached);
            self.reached = Some(*at);
        }
        !self.in_order || self.reached.is_none_or(|reached| reached >= self.floor)
    }
}

fn noon_of_the_day_before(moment: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let mut day = moment.with_timezone(&zone).date_naive();
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    // Whole days have been left out of a zone, never two in a row.
    for _ in 0..3 {
        let Some(before) = day.checked_sub_days(Span::new(1)) else {
            break;
        };
        day = before;
        if let Some(found) = zone.from_local_datetime(&day.and_time(noon)).earliest() {
            return found.to_utc();
        }
    }
    moment - TimeDelta::days(2)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    /// What Intercom's search answers: `> day OR = day` in its own idea of the zone.
    fn is_found(updated_at: DateTime<Utc>, day: DateTime<Utc>, zone: Tz) -> bool {
        let day_of = |at: DateTime<Utc>| -> NaiveDate { at.with_timezone(&zone).date_naive() };
        day_of(updated_at) >= day_of(day)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_day_is_the_one_before() {
        for (since, zone, first) in [
            // In New York it is still the day before.
            (
                "2026-06-10T02:00:00Z",
                Tz::America__New_York,
                "2026-06-08T16:00:00Z",
            ),
            ("2026-06-10T00:00:00Z", Tz::UTC, "2026-06-08T12:00:00Z"),
            // The day after the clocks went forward, and the one after they went back.
            (
                "2026-03-09T12:00:00Z",
                Tz::America__New_York,
                "2026-03-08T16:00:00Z",
            ),
            (
                "2026-11-02T12:00:00Z",
                Tz::America__New_York,
                "2026-11-01T17:00:00Z",
            ),
            // Apia had no 30th of December in 2011.
            (
                "2011-12-31T02:00:00Z",
                Tz::Pacific__Apia,
                "2011-12-29T22:00:00Z",
            ),
        ] {
            assert_eq!(
                Days::covering(at(since), zone).first(),
                at(first),
                "{since} in {zone}"
            );
        }
    }

    #[test]
    fn reading_ends_where_the_runs_before_have_read() {
        let since = at("2026-06-10T12:00:00Z");
        let hours = |n| Some(since - TimeDelta::hours(n));
        let days = || Days::covering(since, Tz::UTC);
        assert!(days().go_on_after(&[hours(-1), hours(0), hours(1)]));
        assert!(!days().go_on_after(&[hours(-1), hours(0), hours(2)]));
        // Without order nothing is known about the pages to come.
        assert!(days().go_on_after(&[hours(3), hours(-1), hours(2)]));
        assert!(days().go_on_after(&[None]));
        let mut over_pages = days();
        assert!(over_pages.go_on_after(&[hours(0)]));
        assert!(over_pages.go_on_after(&[hours(-3), hours(5)]));
    }

    fn zone() -> impl Strategy<Value = Tz> {
        (0..chrono_tz::TZ_VARIANTS.len()).prop_map(|n| chrono_tz::TZ_VARIANTS[n])
    }

    fn moment() -> impl Strategy<Value = DateTime<Utc>> {
        // 2005 to 2038, with moments around midnights of every offset as likely as others.
        (
            1_104_537_600..2_145_916_800_i64,
            prop::option::of(-3..4_i64),
        )
            .prop_map(|(secs, close)| {
                let secs = close.map_or(secs, |close| secs - secs % 900 + close);
                DateTime::from_timestamp(secs, 0).unwrap()
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Whatever changed since, also in the lag, is among the days that are asked for; in the workspace's zone, and in
        /// any other that Intercom might use.
        #[test]
        fn everything_that_changed_is_asked_for(
            since in moment(), ours in zone(), theirs in zone(), later_secs in 0..400_000_i64,
        ) {
            let days = Days::covering(since, ours);
            let changed = since - LAG + TimeDelta::seconds(later_secs);
            prop_assert!(days.hold(Some(changed)));
            prop_assert!(is_found(changed, days.first(), ours));
            prop_assert!(is_found(changed, days.first(), theirs));
            // And not the whole past with it.
            prop_assert!(days.first() > since - TimeDelta::hours(24 * 3 + 1));
        }

        /// Page by page, newest first, nothing that changed since is left behind.
        #[test]
        fn reading_stops_no_sooner_than_it_may(
            since in moment(), zone in zone(), page in 1..7_usize,
            offsets in prop::collection::vec(-200_000..200_000_i64, 0..60),
        ) {
            let mut days = Days::covering(since, zone);
            let mut all: Vec<DateTime<Utc>> =
                offsets.into_iter().map(|secs| since + TimeDelta::seconds(secs)).collect();
            all.sort_by(|a, b| b.cmp(a));
            all.retain(|at| is_found(*at, days.first(), zone));
            let mut read = 0;
            for page in all.chunks(page) {
                read += page.len();
                if !days.go_on_after(&page.iter().copied().map(Some).collect::<Vec<_>>()) {
                    break;
                }
            }
            for left in &all[read..] {
                prop_assert!(*left < since - LAG);
            }
        }
    }
}
