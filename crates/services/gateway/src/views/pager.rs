use std::fmt::Write as _;

use harken_contracts::wire::types::v1::PageInfo;
use url::form_urlencoded::Serializer;

use crate::rules::numbers;

/// Where a list goes on, and how much of it is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pager {
    /// What is shown, in words: `50 of 512 customers`.
    pub(crate) shown: String,
    /// Address of the first page; none while on it.
    pub(crate) first: Option<String>,
    /// Address of the next page; none at the end.
    pub(crate) next: Option<String>,
}

impl Pager {
    /// Pages a list at `path` whose filter is `query`; `after` is the token of the page shown.
    pub(crate) fn new(
        path: &str,
        query: &[(&str, &str)],
        after: &str,
        page: Option<&PageInfo>,
        shown: usize,
        noun: (&str, &str),
    ) -> Self {
        let total = page.map_or(0, |page| page.total_count);
        let next = page.map_or("", |page| page.next_page_token.as_str());
        Self {
            shown: in_words(shown, total, noun),
            first: (!after.is_empty()).then(|| address(path, query)),
            next: (!next.is_empty()).then(|| {
                let query: Vec<_> = query.iter().copied().chain([("after", next)]).collect();
                address(path, &query)
            }),
        }
    }

    /// Pages a list that shares its page with another, by a parameter of its own.
    pub(crate) fn named(
        parameter: &str,
        path: &str,
        after: &str,
        page: Option<&PageInfo>,
        shown: usize,
    ) -> Self {
        let pager = Self::new(path, &[], after, page, shown, ("record", "records"));
        let token = page.map_or("", |page| page.next_page_token.as_str());
        Self {
            next: pager.next.map(|_| address(path, &[(parameter, token)])),
            ..pager
        }
    }
}

/// A path with those parameters that say something.
pub(crate) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut pairs = Serializer::new(String::new());
    pairs.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
    let pairs = pairs.finish();
    let mut address = path.to_owned();
    if !pairs.is_empty() {
        let _ = write!(address, "?{pairs}");
    }
    address
}

fn in_words(shown: usize, total: u64, (one, many): (&str, &str)) -> String {
    let shown = shown as u64;
    if shown >= total {
        numbers::counted(shown, one, many)
    } else {
        format!(
            "{} of {}",
            numbers::count(shown),
            numbers::counted(total, one, many)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_survives_paging_and_nothing_else_does() {
        let page = PageInfo {
            next_page_token: "t=/2".to_owned(),
            total_count: 120,
        };
        let query = [("q", "a&b"), ("level", "")];
        let pager = Pager::new(
            "/customers",
            &query,
            "t1",
            Some(&page),
            50,
            ("customer", "customers"),
        );
        assert_eq!(pager.shown, "50 of 120 customers");
        assert_eq!(pager.first.as_deref(), Some("/customers?q=a%26b"));
        assert_eq!(
            pager.next.as_deref(),
            Some("/customers?q=a%26b&after=t%3D%2F2")
        );
    }
}
