use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::scoring::v1::{CountLevelsResponse, LevelFilter, Score, ScoreSort};

use crate::rules::numbers;
use crate::views::factors;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::level::Level;
use crate::views::pager::{self, Pager};
use crate::views::when::When;

/// The list of customers.
#[derive(Debug, Template)]
#[template(path = "pages/customers.html")]
pub(crate) struct CustomersPage {
    pub(crate) frame: Frame,
    pub(crate) filters: Vec<Filter>,
    pub(crate) sorts: Vec<Sort>,
    pub(crate) is_filtered: bool,
    pub(crate) is_connected: bool,
    pub(crate) level: String,
    pub(crate) rows: Vec<CustomerRow>,
    pub(crate) pager: Pager,
}

/// One customer in a list.
#[derive(Clone, Debug)]
pub(crate) struct CustomerRow {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Absent where the name already is the address, or neither was invited.
    pub(crate) email: Option<String>,
    pub(crate) points: String,
    pub(crate) level: Level,
    pub(crate) costliest: String,
    pub(crate) role: String,
    pub(crate) last_seen: Option<When>,
    /// Whether nothing follows Intercom any more that is told here.
    pub(crate) is_stale: bool,
}

/// A choice of level with its count.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) word: &'static str,
    pub(crate) level: Option<Level>,
    pub(crate) count: Option<String>,
    pub(crate) href: String,
    pub(crate) is_chosen: bool,
}

/// A choice of order.
#[derive(Clone, Debug)]
pub(crate) struct Sort {
    pub(crate) word: &'static str,
    pub(crate) slug: &'static str,
    pub(crate) is_chosen: bool,
}

/// What an address of the list asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order(pub(crate) ScoreSort);

impl CustomerRow {
    pub(crate) fn new(score: &Score, is_stale: bool, now: DateTime<Utc>) -> Self {
        let (name, email) = called(
            score.name.as_deref(),
            score.email.as_deref(),
            &score.external_id,
        );
        Self {
            id: score.customer_id.clone(),
            name,
            email,
            points: score
                .points
                .map_or_else(|| "–".to_owned(), |points| points.to_string()),
            level: Level::from(score.level()),
            costliest: factors::costliest(&score.factors).unwrap_or_default(),
            role: score.contact_role.clone(),
            last_seen: When::read(score.last_seen_at.as_ref(), now),
            is_stale,
        }
    }
}

impl Filter {
    pub(crate) fn all(
        counts: Option<&CountLevelsResponse>,
        chosen: Option<Level>,
        query: &str,
        sort: &str,
    ) -> Vec<Self> {
        // Counts speak of all customers: beside a search they would not fit what is listed.
        let counts = counts.filter(|_| query.is_empty());
        let count = |level: Option<Level>| {
            let counts = counts?;
            let number = match level {
                Some(Level::Healthy) => counts.healthy,
                Some(Level::AtRisk) => counts.at_risk,
                Some(Level::Critical) => counts.critical,
                Some(Level::NotApplicable) => counts.not_applicable,
                None => counts.healthy + counts.at_risk + counts.critical + counts.not_applicable,
            };
            Some(numbers::count(number))
        };
        std::iter::once(None)
            .chain(Level::ALL.map(Some))
            .map(|level| Self {
                word: level.map_or("All", Level::word),
                level,
                count: count(level),
                href: pager::address(
                    "/customers",
                    &[
                        ("q", query),
                        ("level", level.map_or("", Level::slug)),
                        ("sort", sort),
                    ],
                ),
                is_chosen: level == chosen,
            })
            .collect()
    }
}

impl Order {
    const ALL: [(ScoreSort, &'static str, &'static str); 4] = [
        (ScoreSort::PointsAscending, "score", "Lowest score first"),
        (
            ScoreSort::PointsDescending,
            "score-desc",
            "Highest score first",
        ),
        (ScoreSort::Name, "name", "Name"),
        (ScoreSort::LastSeen, "last-seen", "Last seen"),
    ];

    /// The order that an address names; lowest score first where it names none.
    pub(crate) fn named(slug: &str) -> Option<Self> {
        if slug.is_empty() {
            return Some(Self(ScoreSort::PointsAscending));
        }
        let found = Self::ALL.into_iter().find(|(_, known, _)| *known == slug)?;
        Some(Self(found.0))
    }

    pub(crate) fn choices(self) -> Vec<Sort> {
        Self::ALL
            .into_iter()
            .map(|(sort, slug, word)| Sort {
                word,
                slug,
                is_chosen: sort == self.0,
            })
            .collect()
    }
}

impl Level {
    /// The level that an address names.
    pub(crate) fn named(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.slug() == slug)
    }

    /// How scoring is asked for this level.
    pub(crate) const fn filter(self) -> LevelFilter {
        match self {
            Self::Healthy => LevelFilter::Healthy,
            Self::AtRisk => LevelFilter::AtRisk,
            Self::Critical => LevelFilter::Critical,
            Self::NotApplicable => LevelFilter::NotApplicable,
        }
    }
}

/// How a customer is called, and the address where it says more: a pseudonym has neither name nor address.
pub(crate) fn called(
    name: Option<&str>,
    email: Option<&str>,
    external_id: &str,
) -> (String, Option<String>) {
    match (name.filter(|name| !name.trim().is_empty()), email) {
        (Some(name), email) => (name.to_owned(), email.map(str::to_owned)),
        (None, Some(email)) => (email.to_owned(), None),
        (None, None) => (format!("Contact {}", shortened(external_id)), None),
    }
}

/// An id as people can tell it from others: of a pseudonym the first digits do.
fn shortened(external_id: &str) -> &str {
    const PSEUDONYM: &str = "ps_";
    const DIGITS: usize = 8;
    let is_pseudonym = external_id.starts_with(PSEUDONYM);
    let short = external_id.get(..PSEUDONYM.len() + DIGITS);
    short.filter(|_| is_pseudonym).unwrap_or(external_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_without_a_name_is_called_by_its_address() {
        assert_eq!(
            called(Some("Ada"), Some("a@b.co"), "7"),
            ("Ada".to_owned(), Some("a@b.co".to_owned()))
        );
        assert_eq!(
            called(Some(" "), Some("a@b.co"), "7"),
            ("a@b.co".to_owned(), None)
        );
        assert_eq!(called(None, None, "7"), ("Contact 7".to_owned(), None));
        let pseudonym = "ps_0f1e2d3c4b5a69788796a5b4c3d2e1f0";
        assert_eq!(
            called(None, None, pseudonym),
            ("Contact ps_0f1e2d3c".to_owned(), None)
        );
    }

    #[test]
    fn a_filter_keeps_search_and_order() {
        let filters = Filter::all(None, Some(Level::Critical), "a b", "name");
        let critical = filters.iter().find(|filter| filter.is_chosen).unwrap();
        assert_eq!(critical.href, "/customers?q=a+b&level=critical&sort=name");
    }

    #[test]
    fn only_known_words_choose_a_level_or_an_order() {
        assert_eq!(Level::named("na"), Some(Level::NotApplicable));
        assert_eq!(Level::named("nonsense"), None);
        assert_eq!(Order::named(""), Some(Order(ScoreSort::PointsAscending)));
        assert_eq!(Order::named("nonsense"), None);
    }
}
