use harken_domain::{AuthorKind, ConversationStatus, DataPolicy, OnDisconnect, RiskLevel, Role};

use crate::wire::{events::v1 as events, types::v1 as types};

/// A word that the sender left out, or one that is newer than this reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not set, or has a value that is not known here")]
pub struct Unspecified(pub &'static str);

macro_rules! words {
    ($($domain:ty = $wire:ty { $($variant:ident),+ })+) => {$(
        impl From<$domain> for $wire {
            fn from(word: $domain) -> Self {
                match word { $(<$domain>::$variant => Self::$variant),+ }
            }
        }

        impl TryFrom<$wire> for $domain {
            type Error = Unspecified;

            fn try_from(word: $wire) -> Result<Self, Unspecified> {
                match word {
                    $(<$wire>::$variant => Ok(Self::$variant),)+
                    <$wire>::Unspecified => Err(Unspecified(stringify!($domain))),
                }
            }
        }
    )+};
}

words! {
    RiskLevel = types::RiskLevel { Healthy, AtRisk, Critical }
    DataPolicy = types::DataPolicy { Full, MetadataOnly }
    OnDisconnect = types::OnDisconnect { Retain, Purge }
    Role = types::Role { Owner, Admin, Member, Viewer }
    ConversationStatus = events::ConversationStatus { Open, Closed, Snoozed }
}

impl From<AuthorKind> for events::AuthorKind {
    fn from(kind: AuthorKind) -> Self {
        match kind {
            AuthorKind::Contact => Self::Contact,
            AuthorKind::Admin => Self::Admin,
            AuthorKind::Bot => Self::Bot,
            AuthorKind::Team => Self::Team,
            AuthorKind::Unknown => Self::Unspecified,
        }
    }
}

impl From<events::AuthorKind> for AuthorKind {
    fn from(kind: events::AuthorKind) -> Self {
        match kind {
            events::AuthorKind::Contact => Self::Contact,
            events::AuthorKind::Admin => Self::Admin,
            events::AuthorKind::Bot => Self::Bot,
            events::AuthorKind::Team => Self::Team,
            events::AuthorKind::Unspecified => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_survives_the_journey() {
        for level in RiskLevel::ALL {
            assert_eq!(
                RiskLevel::try_from(types::RiskLevel::from(*level)),
                Ok(*level)
            );
        }
        for kind in AuthorKind::ALL {
            assert_eq!(AuthorKind::from(events::AuthorKind::from(*kind)), *kind);
        }
    }

    #[test]
    fn a_word_left_out_is_told_by_name() {
        let error = Role::try_from(types::Role::Unspecified).unwrap_err();
        assert_eq!(error, Unspecified("Role"));
    }
}
