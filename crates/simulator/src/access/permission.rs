//! The permissions of an app, by the names Intercom's errors use.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($variant:ident $name:literal $title:literal),+ $(,)?) => {
        #[expect(clippy::enum_variant_names, reason = "named as Intercom names them")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub(crate) enum Permission {
            $(#[serde(rename = $name)] $variant),+
        }

        impl Permission {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// As the consent page and Intercom's settings write it.
            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

permissions! {
    ReadUsersCompanies "read_users_companies" "Read and list users and companies",
    ReadSingleUser "read_single_user" "Read one user and one company",
    ReadTags "read_tags" "Read tags",
    ReadConversations "read_conversations" "Read conversations",
    ReadAdmins "read_admins" "Read admins",
    ReadSingleAdmin "read_single_admin" "Read one admin",
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permissions(u8);

impl Permissions {
    pub(crate) const ALL: Self = Self(u8::MAX);

    pub(crate) fn without(self, permission: Permission) -> Self {
        Self(self.0 & !(1 << permission as u8))
    }

    pub(crate) fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }
}
