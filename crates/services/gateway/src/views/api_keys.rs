use askama::Template;
use chrono::{DateTime, Utc};
use harken_contracts::wire::auth::v1::ApiKey;
use harken_contracts::wire::types::v1 as types;
use harken_domain::Role;

use crate::views::frame::Frame;
use crate::views::icon::Icon;
use crate::views::when::When;

/// The API keys of the organization.
#[derive(Debug, Template)]
#[template(path = "pages/api_keys.html")]
pub(crate) struct ApiKeysPage {
    pub(crate) frame: Frame,
    pub(crate) rows: Vec<KeyRow>,
    pub(crate) created: Option<Created>,
    pub(crate) problem: Option<String>,
    /// What was typed as the name of a key that could not be made.
    pub(crate) name: String,
}

/// One key.
#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) role: &'static str,
    pub(crate) created: Option<When>,
    pub(crate) last_used: Option<When>,
    pub(crate) revoked: Option<When>,
}

/// A key that was just made, with its secret: this once.
#[derive(Clone, Debug)]
pub(crate) struct Created {
    pub(crate) name: String,
    pub(crate) secret: String,
}

impl ApiKeysPage {
    /// Roles that a key of this maker may have, the weakest first.
    fn roles(&self) -> impl Iterator<Item = Role> {
        let own = self.frame.role;
        Role::ALL
            .iter()
            .rev()
            .copied()
            .filter(move |role| own.allows(*role))
    }
}

impl KeyRow {
    pub(crate) fn new(key: &ApiKey, now: DateTime<Utc>) -> Self {
        Self {
            id: key.api_key_id.clone(),
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            role: role(key.role()),
            created: When::read(key.created_at.as_ref(), now),
            last_used: When::read(key.last_used_at.as_ref(), now),
            revoked: When::read(key.revoked_at.as_ref(), now),
        }
    }
}

/// A role in a word.
pub(crate) fn role(role: types::Role) -> &'static str {
    Role::try_from(role).map_or("unknown", Role::as_str)
}
