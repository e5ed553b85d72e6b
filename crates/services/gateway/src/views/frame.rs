use harken_contracts::wire::vault::v1::{Connection, ConnectionState};
use harken_domain::Role;

use crate::views::banner::Banner;
use crate::views::icon::Icon;

/// What surrounds the content of every page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) organization: String,
    pub(crate) person: String,
    pub(crate) role: Role,
    pub(crate) section: Section,
    pub(crate) pill: Option<Pill>,
    pub(crate) banner: Option<Banner>,
    pub(crate) notice: Option<Notice>,
    pub(crate) form_token: String,
    /// What stands in the search field.
    pub(crate) search: String,
}

impl Frame {
    pub(crate) fn sections(&self) -> impl Iterator<Item = (Section, bool)> {
        Section::ALL
            .into_iter()
            .map(|section| (section, section == self.section))
    }

    pub(crate) const fn manages(&self) -> bool {
        self.role.allows(Role::Admin)
    }

    pub(crate) const fn works(&self) -> bool {
        self.role.allows(Role::Member)
    }
}

/// A part of the console, as the navigation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Customers,
    Activity,
    Integrations,
    Settings,
}

impl Section {
    const ALL: [Self; 5] = [
        Self::Overview,
        Self::Customers,
        Self::Activity,
        Self::Integrations,
        Self::Settings,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Customers => "Customers",
            Self::Activity => "Activity",
            Self::Integrations => "Integrations",
            Self::Settings => "Settings",
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Customers => "/customers",
            Self::Activity => "/activity",
            Self::Integrations => "/integrations",
            Self::Settings => "/settings/api-keys",
        }
    }

    pub(crate) const fn icon(self) -> Icon {
        match self {
            Self::Overview => Icon::Overview,
            Self::Customers => Icon::Customers,
            Self::Activity => Icon::Pulse,
            Self::Integrations => Icon::Integrations,
            Self::Settings => Icon::Settings,
        }
    }
}

/// The state of the organization's connections in one word.
#[derive(Clone, Debug)]
pub(crate) struct Pill {
    pub(crate) word: &'static str,
    pub(crate) class: &'static str,
    pub(crate) title: String,
}

impl Pill {
    /// The worst state of all connections: one that is broken must not hide behind one that works.
    pub(crate) fn of(connections: &[Connection], is_syncing: bool) -> Self {
        let broken = connections
            .iter()
            .find(|one| one.state() == ConnectionState::Disconnected);
        let working = connections
            .iter()
            .any(|one| one.state() == ConnectionState::Connected);
        match (broken, working) {
            (Some(broken), _) => Self {
                word: "Disconnected",
                class: "critical",
                title: format!("{} is disconnected", broken.workspace_name),
            },
            (None, true) if is_syncing => Self {
                word: "Syncing",
                class: "busy",
                title: "Intercom data is being read".to_owned(),
            },
            (None, true) => Self {
                word: "Connected",
                class: "healthy",
                title: "Intercom is connected".to_owned(),
            },
            (None, false) => Self {
                word: "Not connected",
                class: "na",
                title: "No Intercom workspace is connected yet".to_owned(),
            },
        }
    }
}

/// What has just been done, told once at the top of the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    Connected,
    Disconnected,
    SyncRequested,
    KeyRevoked,
    SignedIn,
    SecretSet,
    SecretRetired,
    Replayed,
    Dropped,
    DisposedInPart,
}

impl Notice {
    const ALL: [Self; 10] = [
        Self::Connected,
        Self::Disconnected,
        Self::SyncRequested,
        Self::KeyRevoked,
        Self::SignedIn,
        Self::SecretSet,
        Self::SecretRetired,
        Self::Replayed,
        Self::Dropped,
        Self::DisposedInPart,
    ];

    /// The notice that an address asks for; an address can choose among notices, not write one.
    pub(crate) fn named(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.slug() == slug)
    }

    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::SyncRequested => "sync-requested",
            Self::KeyRevoked => "key-revoked",
            Self::SignedIn => "signed-in",
            Self::SecretSet => "secret-set",
            Self::SecretRetired => "secret-retired",
            Self::Replayed => "replayed",
            Self::Dropped => "dropped",
            Self::DisposedInPart => "disposed-in-part",
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Connected => "Intercom is connected. The first sync has started by itself.",
            Self::Disconnected => {
                "Intercom is disconnected. Customers and scores stay and are no longer updated."
            }
            Self::SyncRequested => "A full sync was requested.",
            Self::KeyRevoked => {
                "The API key is revoked. Calls with it are refused within 30 seconds."
            }
            Self::SignedIn => "You are signed in.",
            Self::SecretSet => "The secret is set. It takes effect within a minute.",
            Self::SecretRetired => "The old secret is no longer valid, within a minute everywhere.",
            Self::Replayed => {
                "Given back to be read again. What still cannot be taken comes back to this list."
            }
            Self::Dropped => "Dropped for good.",
            Self::DisposedInPart => {
                "Done in part: there were more than one go takes. Do it again for those that are left."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(state: ConnectionState) -> Connection {
        Connection {
            state: state.into(),
            ..Connection::default()
        }
    }

    #[test]
    fn the_pill_tells_the_worst_state() {
        let (on, off) = (
            connection(ConnectionState::Connected),
            connection(ConnectionState::Disconnected),
        );
        for (connections, syncing, word) in [
            (vec![], false, "Not connected"),
            (vec![on.clone()], false, "Connected"),
            (vec![on.clone()], true, "Syncing"),
            (vec![on, off], true, "Disconnected"),
        ] {
            assert_eq!(Pill::of(&connections, syncing).word, word);
        }
    }

    #[test]
    fn an_address_cannot_write_a_notice() {
        assert_eq!(Notice::named("connected"), Some(Notice::Connected));
        assert_eq!(Notice::named("<b>You won</b>"), None);
    }
}
