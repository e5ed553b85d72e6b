use std::fmt;

use askama::filters::HtmlSafe;
use harken_contracts::wire::types::v1 as types;

/// A risk level as it is shown, N/A among them: never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Level {
    Healthy,
    AtRisk,
    Critical,
    NotApplicable,
}

impl Level {
    pub(crate) const ALL: [Self; 4] = [
        Self::Healthy,
        Self::AtRisk,
        Self::Critical,
        Self::NotApplicable,
    ];

    /// The word in addresses and style classes.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::AtRisk => "at_risk",
            Self::Critical => "critical",
            Self::NotApplicable => "na",
        }
    }

    /// The word on screen.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::AtRisk => "At risk",
            Self::Critical => "Critical",
            Self::NotApplicable => "N/A",
        }
    }

    /// The shape beside the word.
    pub(crate) const fn mark(self) -> Mark {
        Mark(self)
    }

    pub(crate) const fn badge(self) -> Badge {
        Badge(self)
    }
}

impl From<types::RiskLevel> for Level {
    fn from(level: types::RiskLevel) -> Self {
        match level {
            types::RiskLevel::Healthy => Self::Healthy,
            types::RiskLevel::AtRisk => Self::AtRisk,
            types::RiskLevel::Critical => Self::Critical,
            types::RiskLevel::Unspecified => Self::NotApplicable,
        }
    }
}

/// The shape of a level: circle, triangle, square, dash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(Level);

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = match self.0 {
            Level::Healthy => r#"<circle cx="5" cy="5" r="4"/>"#,
            Level::AtRisk => r#"<path d="M5 .8 9.6 9H.4z"/>"#,
            Level::Critical => r#"<rect x="1" y="1" width="8" height="8" rx="1"/>"#,
            Level::NotApplicable => r#"<rect x="1" y="4" width="8" height="2" rx="1"/>"#,
        };
        let slug = self.0.slug();
        write!(
            f,
            r#"<svg class="mark {slug}" viewBox="0 0 10 10" aria-hidden="true">{shape}</svg>"#
        )
    }
}

impl HtmlSafe for Mark {}

/// Shape and word of a level in its colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Badge(Level);

impl fmt::Display for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(level) = self;
        write!(
            f,
            r#"<span class="badge {}">{}{}</span>"#,
            level.slug(),
            level.mark(),
            level.word()
        )
    }
}

impl HtmlSafe for Badge {}
