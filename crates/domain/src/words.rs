use std::{fmt, str::FromStr};

/// A word that the product does not know where it expects one of a few.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one of {expected} is expected")]
pub struct UnknownWord {
    expected: &'static str,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant),+
        }

        impl $name {
            /// Every one of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it stands in the store, in JSON and in spans.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { expected: concat!($("`", $word, "` "),+) }),
                }
            }
        }
    )+};
}

words! {
    /// What a member or an API key may do.
    Role {
        /// Everything, including ending the organization.
        Owner => "owner",
        /// Manages members, keys and connections.
        Admin => "admin",
        /// Works with customers and starts runs.
        Member => "member",
        /// Reads.
        Viewer => "viewer",
    }

    /// What a connection may keep. Fixed before the first byte is read.
    DataPolicy {
        /// Content and personal data are mirrored.
        Full => "full",
        /// Only structure is kept; people are pseudonyms.
        MetadataOnly => "metadata_only",
    }

    /// What happens to mirrored data when a connection ends.
    OnDisconnect {
        /// Records and scores stay, no longer updated.
        Retain => "retain",
        /// Every service erases and answers with a receipt.
        Purge => "purge",
    }

    /// How endangered a customer is. A customer without a score has no level.
    RiskLevel {
        /// Green.
        Healthy => "healthy",
        /// Yellow.
        AtRisk => "at_risk",
        /// Red.
        Critical => "critical",
    }

    /// State of a conversation (Intercom's `state`; its `open` is also true while snoozed).
    ConversationStatus {
        /// Somebody has to act.
        Open => "open",
        /// Done.
        Closed => "closed",
        /// Put off until later; not open.
        Snoozed => "snoozed",
    }

    /// Who wrote or caused a part.
    AuthorKind {
        /// A contact: user or lead.
        Contact => "contact",
        /// A human teammate.
        Admin => "admin",
        /// A bot, Fin or a workflow.
        Bot => "bot",
        /// A team.
        Team => "team",
        /// Somebody whose kind Intercom did not tell, or a kind that is new.
        Unknown => "unknown",
    }
}

impl Role {
    /// Whether this role may do what `needed` may do.
    pub const fn allows(self, needed: Self) -> bool {
        self.power() >= needed.power()
    }

    const fn power(self) -> u8 {
        match self {
            Self::Owner => 3,
            Self::Admin => 2,
            Self::Member => 1,
            Self::Viewer => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_reads_back() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        for status in ConversationStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "boss".parse::<Role>().unwrap_err();
        assert!(error.to_string().contains("`owner`"), "{error}");
    }

    #[test]
    fn a_role_allows_what_weaker_roles_may_do() {
        assert!(Role::Owner.allows(Role::Viewer));
        assert!(Role::Admin.allows(Role::Admin));
        assert!(!Role::Viewer.allows(Role::Member));
    }
}
