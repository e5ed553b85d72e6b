use harken_domain::Role;

use crate::rules::connection_status::ConnectionStatus;
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
    pub(crate) fn of(connections: &[(&str, ConnectionStatus)], is_syncing: bool) -> Self {
        let worst = connections
            .iter()
            .max_by_key(|(_, status)| status.urgency());
        match worst {
            None | Some((_, ConnectionStatus::Purged)) => Self {
                word: "Not connected",
                class: "na",
                title: "No Intercom workspace is connected yet".to_owned(),
            },
            Some((_, ConnectionStatus::Connected)) if is_syncing => Self {
                word: ConnectionStatus::Syncing.word(),
                class: ConnectionStatus::Syncing.class(),
                title: "Intercom data is being read".to_owned(),
            },
            Some((name, status)) => Self {
                word: status.word(),
                class: status.class(),
                title: format!("{name} is {}", status.word().to_lowercase()),
            },
        }
    }
}

/// What has just been done, told once at the top of the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    Connected,
    Reconnected,
    Disconnected,
    Disconnecting,
    SyncRequested,
    ChangesRequested,
    Paused,
    Resumed,
    SettingsSaved,
    TokenReplaced,
    Removing,
    KeyRevoked,
    SignedIn,
    SecretSet,
    SecretRetired,
    Replayed,
    Dropped,
    DisposedInPart,
}

impl Notice {
    const ALL: [Self; 18] = [
        Self::Connected,
        Self::Reconnected,
        Self::Disconnected,
        Self::Disconnecting,
        Self::SyncRequested,
        Self::ChangesRequested,
        Self::Paused,
        Self::Resumed,
        Self::SettingsSaved,
        Self::TokenReplaced,
        Self::Removing,
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
            Self::Reconnected => "reconnected",
            Self::Disconnected => "disconnected",
            Self::Disconnecting => "disconnecting",
            Self::SyncRequested => "sync-requested",
            Self::ChangesRequested => "changes-requested",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::SettingsSaved => "settings-saved",
            Self::TokenReplaced => "token-replaced",
            Self::Removing => "removing",
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
            Self::Reconnected => {
                "Intercom is connected again. What was kept is still here, and a sync reads what happened meanwhile."
            }
            Self::Disconnected => {
                "Intercom is disconnected. Customers and scores stay and are no longer updated."
            }
            Self::Disconnecting => {
                "Intercom is disconnected, and erasing what was read has begun. The receipts are shown as they come."
            }
            Self::SyncRequested => "A full sync was requested.",
            Self::ChangesRequested => "A sync of what changed was requested.",
            Self::Paused => "Syncing is paused. Nothing is read from Intercom until it is resumed.",
            Self::Resumed => "Syncing goes on from where it stood.",
            Self::SettingsSaved => "The settings are saved.",
            Self::TokenReplaced => {
                "The token is replaced. Everything that was read is still here, and syncing goes on."
            }
            Self::Removing => "Removing the data has begun. The receipts are shown as they come.",
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

    #[test]
    fn the_pill_tells_the_worst_state() {
        use ConnectionStatus::{Connected, Disconnected, Paused, Purged, Syncing};
        for (connections, syncing, word) in [
            (vec![], false, "Not connected"),
            (vec![("a", Purged)], false, "Not connected"),
            (vec![("a", Connected)], false, "Connected"),
            (vec![("a", Connected), ("b", Purged)], true, "Syncing"),
            (vec![("a", Syncing)], true, "Syncing"),
            (vec![("a", Connected), ("b", Paused)], true, "Paused"),
            (
                vec![("a", Disconnected), ("b", Connected)],
                true,
                "Disconnected",
            ),
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
