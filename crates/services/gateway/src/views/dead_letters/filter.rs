use crate::views::dead_letters::Workspaces;
use crate::views::pager;

/// How far back the list goes: word in the address, words on screen, seconds.
pub(crate) const SPANS: [(&str, &str, Option<i64>); 4] = [
    ("", "All 90 days", None),
    ("hour", "Last hour", Some(3_600)),
    ("day", "Last 24 hours", Some(86_400)),
    ("week", "Last 7 days", Some(604_800)),
];

/// What the list is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) service: String,
    pub(crate) reason: String,
    pub(crate) connection: String,
    pub(crate) span: String,
    /// Workspaces to choose from: id, name, whether it is chosen.
    pub(crate) workspaces: Vec<(String, String, bool)>,
}

impl Filter {
    pub(crate) fn among(mut self, workspaces: &Workspaces) -> Self {
        let choices = workspaces.0.iter();
        self.workspaces = choices
            .map(|(id, name)| (id.clone(), name.clone(), *id == self.connection))
            .collect();
        self
    }

    pub(crate) fn is_set(&self) -> bool {
        let all = [&self.service, &self.reason, &self.connection, &self.span];
        all.into_iter().any(|one| !one.is_empty())
    }

    pub(crate) fn query(&self) -> [(&str, &str); 4] {
        [
            ("service", &self.service),
            ("reason", &self.reason),
            ("connection", &self.connection),
            ("span", &self.span),
        ]
    }

    /// The address of the question that comes before all of them leave.
    pub(crate) fn confirm_all(&self, disposal: &str) -> String {
        let more = [("all", "1"), ("do", disposal)];
        let query: Vec<_> = self.query().into_iter().chain(more).collect();
        pager::address("/settings/dead-letters/confirm", &query)
    }
}
