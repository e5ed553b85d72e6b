use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::sync::v1::{Completeness, IncompleteReason, IncompleteRecord};

use crate::rules::numbers;
use crate::rules::sentence::sentence;
use crate::views::connection_head::ConnectionHead;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;
use crate::views::pager::{self, Pager};
use crate::views::when::When;
use crate::words::{self, INCOMPLETE_REASONS};

/// How much of what Intercom counts is held, and what is lacking.
#[derive(Debug, Template)]
#[template(path = "pages/completeness.html")]
pub(crate) struct CompletenessPage {
    pub(crate) frame: Frame,
    pub(crate) head: ConnectionHead,
    /// None while sync does not answer.
    pub(crate) numbers: Option<Numbers>,
    pub(crate) filters: Vec<ReasonFilter>,
    pub(crate) reason: String,
    pub(crate) query: String,
    pub(crate) is_filtered: bool,
    pub(crate) is_away: bool,
    pub(crate) rows: Vec<IncompleteRow>,
    pub(crate) pager: Pager,
}

/// The numbers of a connection, with a verdict.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    pub(crate) level: Level,
    pub(crate) verdict: String,
    pub(crate) more: &'static str,
    pub(crate) conversations: String,
    pub(crate) complete: String,
    pub(crate) parts_held: String,
    pub(crate) parts_counted: String,
    pub(crate) checked: Option<When>,
}

/// A reason to choose, with its count.
#[derive(Clone, Debug)]
pub(crate) struct ReasonFilter {
    pub(crate) word: &'static str,
    pub(crate) count: Option<String>,
    pub(crate) href: String,
    pub(crate) is_chosen: bool,
}

/// One record of which something is lacking.
#[derive(Clone, Debug)]
pub(crate) struct IncompleteRow {
    pub(crate) kind: String,
    pub(crate) external_id: String,
    pub(crate) href: Option<String>,
    pub(crate) reason: &'static str,
    pub(crate) detail: String,
    pub(crate) remedy: String,
    pub(crate) parts: String,
    pub(crate) updated: Option<When>,
    pub(crate) request_id: String,
}

impl Numbers {
    pub(crate) fn new(told: &Completeness, now: DateTime<Utc>) -> Self {
        let (level, verdict, more) = verdict(told);
        Self {
            level,
            verdict,
            more,
            conversations: numbers::count(told.conversations),
            complete: share(told.conversations_complete, told.conversations),
            parts_held: share(told.parts_held, told.parts_counted),
            parts_counted: numbers::count(told.parts_counted),
            checked: When::read(told.checked_at.as_ref(), now),
        }
    }
}

impl ReasonFilter {
    /// All, and each reason that there is or that is chosen.
    pub(crate) fn all(
        told: Option<&Completeness>,
        path: &str,
        chosen: IncompleteReason,
        query: &str,
    ) -> Vec<Self> {
        let count = |reason| {
            let counts = told?.reasons.iter();
            let found: Option<u64> = counts
                .filter(|one| one.reason() == reason)
                .map(|one| one.count)
                .reduce(|all, one| all + one);
            found
        };
        let filter = |reason: IncompleteReason, slug: &str, word, count: Option<u64>| Self {
            word,
            count: count.map(numbers::count),
            href: pager::address(path, &[("q", query), ("reason", slug)]),
            is_chosen: reason == chosen,
        };
        let total = told.map(|told| told.reasons.iter().map(|one| one.count).sum());
        let all = filter(IncompleteReason::Unspecified, "", "All", total);
        let reasons = INCOMPLETE_REASONS.iter().filter_map(|(reason, slug)| {
            let count = count(*reason);
            (count.is_some() || *reason == chosen)
                .then(|| filter(*reason, slug, word(*reason), count))
        });
        std::iter::once(all).chain(reasons).collect()
    }
}

impl IncompleteRow {
    pub(crate) fn new(record: IncompleteRecord, now: DateTime<Utc>) -> Self {
        Self {
            reason: word(record.reason()),
            href: match record.id.split_once('_') {
                Some(("cnv", _)) => Some(format!("/conversations/{}", record.id)),
                Some(("cus", _)) => Some(format!("/customers/{}", record.id)),
                _ => None,
            },
            kind: capitalized(&record.kind),
            detail: sentence(&record.detail),
            remedy: sentence(&record.remedy),
            parts: match (record.parts_held, record.parts_counted) {
                (Some(held), Some(counted)) => format!(
                    "{} of {}",
                    numbers::count(held.into()),
                    numbers::count(counted.into())
                ),
                (Some(held), None) => numbers::count(held.into()),
                (None, _) => "–".to_owned(),
            },
            updated: When::read(record.updated_at.as_ref(), now),
            external_id: record.external_id,
            request_id: record.intercom_request_id,
        }
    }
}

/// Why something is lacking, in two or three words.
pub(crate) const fn word(reason: IncompleteReason) -> &'static str {
    match reason {
        IncompleteReason::Truncated => "Cut at 500 parts",
        IncompleteReason::Waiting => "Waiting to be fetched",
        IncompleteReason::Unreadable => "Could not be read",
        IncompleteReason::Refused => "Refused by Intercom",
        IncompleteReason::NotFound => "Not found at Intercom",
        IncompleteReason::Cut => "A list was cut",
        IncompleteReason::Unspecified => "Not known",
    }
}

/// Green only where nothing is lacking and it was looked at.
fn verdict(told: &Completeness) -> (Level, String, &'static str) {
    let lacking = told.conversations - told.conversations_complete.min(told.conversations);
    let known: u64 = told.reasons.iter().map(|one| one.count).sum();
    if told.conversations == 0 && known == 0 {
        let words = "No conversation was read yet".to_owned();
        return (
            Level::NotApplicable,
            words,
            "The numbers appear while the first sync reads them.",
        );
    }
    if told.checked_at.is_none() {
        let words = "Not held against Intercom yet".to_owned();
        return (
            Level::NotApplicable,
            words,
            "The first full sync compares what is here with what Intercom counts.",
        );
    }
    if lacking == 0 && known == 0 {
        return if told.parts_held >= told.parts_counted {
            (
                Level::Healthy,
                "Every conversation is complete".to_owned(),
                "Harken holds every part that Intercom gives.",
            )
        } else {
            let parts = told.parts_counted - told.parts_held;
            let parts = numbers::counted(parts, "part is", "parts are");
            (
                Level::AtRisk,
                format!("{parts} lacking"),
                "Intercom counts more than Harken holds; the next sync reads these conversations again.",
            )
        };
    }
    let records = numbers::counted(lacking.max(known), "record is", "records are");
    (
        Level::AtRisk,
        format!("{records} incomplete"),
        "Each stands below with the reason and what can be done. Everything else is complete.",
    )
}

/// `1,980 (99 %)`.
fn share(part: u64, whole: u64) -> String {
    let number = numbers::count(part);
    if whole == 0 {
        number
    } else {
        format!("{number} ({} %)", numbers::percent(part, whole))
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

impl CompletenessPage {
    /// The reason that an address names; unspecified for none, absent for one that is not known.
    pub(crate) fn reason_named(slug: &str) -> Option<IncompleteReason> {
        if slug.is_empty() {
            Some(IncompleteReason::Unspecified)
        } else {
            words::named(INCOMPLETE_REASONS, slug)
        }
    }
}

#[cfg(test)]
mod tests {
    use harken_contracts::wire::sync::v1::IncompleteCount;

    use super::*;

    #[test]
    fn it_is_green_only_where_all_is_held_and_was_compared() {
        let told =
            |conversations, complete, held, counted, reasons, is_checked: bool| Completeness {
                conversations,
                conversations_complete: complete,
                parts_held: held,
                parts_counted: counted,
                reasons: (0..reasons)
                    .map(|_| IncompleteCount {
                        reason: IncompleteReason::Truncated.into(),
                        count: 1,
                    })
                    .collect(),
                checked_at: is_checked.then(prost_types::Timestamp::default),
                ..Completeness::default()
            };
        for (told, level, words) in [
            (told(0, 0, 0, 0, 0, false), Level::NotApplicable, "No conv"),
            (
                told(9, 9, 40, 40, 0, false),
                Level::NotApplicable,
                "Not held",
            ),
            (told(9, 9, 40, 40, 0, true), Level::Healthy, "Every"),
            (told(9, 9, 41, 40, 0, true), Level::Healthy, "Every"),
            (told(9, 9, 39, 40, 0, true), Level::AtRisk, "1 part is"),
            (told(9, 8, 40, 40, 0, true), Level::AtRisk, "1 record is"),
            (told(9, 9, 40, 40, 2, true), Level::AtRisk, "2 records are"),
            (told(0, 0, 0, 0, 1, true), Level::AtRisk, "1 record is"),
        ] {
            let (found, verdict, _) = verdict(&told);
            assert_eq!(found, level, "{told:?}");
            assert!(verdict.starts_with(words), "{verdict}");
        }
    }

    #[test]
    fn a_record_leads_to_where_it_is_shown_and_nowhere_if_it_is_not_held() {
        for (id, href) in [
            ("cnv_1", Some("/conversations/cnv_1")),
            ("cus_1", Some("/customers/cus_1")),
            ("", None),
        ] {
            let record = IncompleteRecord {
                id: id.to_owned(),
                ..IncompleteRecord::default()
            };
            let row = IncompleteRow::new(record, DateTime::UNIX_EPOCH);
            assert_eq!(row.href.as_deref(), href);
        }
    }
}
