use askama::Template;
use harken_contracts::wire::events::v1::RecordCause;

use crate::app::Entry;
use crate::views::feed::Feed;
use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::pager;

/// What happens, as it happens.
#[derive(Debug, Template)]
#[template(path = "pages/activity.html")]
pub(crate) struct ActivityPage {
    pub(crate) frame: Frame,
    pub(crate) chosen: Option<Kind>,
    pub(crate) feed: Feed,
    pub(crate) is_connected: bool,
}

/// A kind of thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Conversations,
    Contacts,
    Scores,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Conversations, Self::Contacts, Self::Scores];

    pub(crate) fn named(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    const fn slug(self) -> &'static str {
        match self {
            Self::Conversations => "conversations",
            Self::Contacts => "contacts",
            Self::Scores => "scores",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Conversations => "Conversations",
            Self::Contacts => "Contacts",
            Self::Scores => "Scores that moved",
        }
    }

    /// Whether an entry is of this kind.
    pub(crate) fn has(self, entry: &Entry) -> bool {
        use RecordCause::{ContactCreated, ContactDeleted, ContactUpdated};
        let is_contact = matches!(
            entry.cause,
            Some(ContactCreated | ContactUpdated | ContactDeleted)
        );
        match self {
            Self::Conversations => entry.cause.is_some() && !is_contact,
            Self::Contacts => is_contact,
            Self::Scores => entry.movement.is_some(),
        }
    }
}

/// A choice of kind.
struct Choice {
    word: &'static str,
    href: String,
    is_chosen: bool,
}

impl ActivityPage {
    fn choices(&self) -> impl Iterator<Item = Choice> {
        let kinds = std::iter::once(None).chain(Kind::ALL.map(Some));
        kinds.map(|kind| Choice {
            word: kind.map_or("All", Kind::word),
            href: pager::address("/activity", &[("kind", kind.map_or("", Kind::slug))]),
            is_chosen: kind == self.chosen,
        })
    }
}
