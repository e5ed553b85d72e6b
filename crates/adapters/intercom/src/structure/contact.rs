use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{PersonId, Pseudonym, RawId, Veil, Veiled, person};
use crate::{
    lenient,
    models::{self, Tag},
};

/// A contact: who it is to the workspace, when it came and was there, how it is tagged, and where it belongs.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "P: PersonId"))]
pub(crate) struct Contact<P> {
    #[serde(default, deserialize_with = "person::person")]
    pub(crate) id: Option<P>,
    #[serde(default, deserialize_with = "lenient::code")]
    role: String,
    #[serde(default, deserialize_with = "lenient::moment")]
    created_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    last_seen_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    last_replied_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::object")]
    tags: Option<SubList<Tag>>,
    #[serde(default, deserialize_with = "lenient::object")]
    companies: Option<SubList<Named>>,
}

/// The beginning of a list that lies inside an object.
#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "M: Deserialize<'de>"))]
pub(crate) struct SubList<M> {
    #[serde(default = "Vec::new", deserialize_with = "lenient::list")]
    data: Vec<M>,
    #[serde(default, deserialize_with = "lenient::count")]
    total_count: Option<u64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    has_more: bool,
}

/// Something by its id alone.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Named {
    #[serde(deserialize_with = "lenient::code")]
    id: String,
}

impl From<Named> for Tag {
    fn from(named: Named) -> Self {
        Self {
            id: named.id,
            name: None,
        }
    }
}

impl<M: Into<Tag>> From<SubList<M>> for models::SubList {
    fn from(list: SubList<M>) -> Self {
        let data = list.data.into_iter().map(Into::into).collect();
        Self::new(data, list.total_count, list.has_more)
    }
}

impl Contact<RawId> {
    pub(crate) fn hidden(self, hide: &impl Fn(RawId) -> Pseudonym) -> Contact<Pseudonym> {
        Contact {
            id: self.id.map(hide),
            role: self.role,
            created_at: self.created_at,
            updated_at: self.updated_at,
            last_seen_at: self.last_seen_at,
            last_replied_at: self.last_replied_at,
            tags: self.tags,
            companies: self.companies,
        }
    }
}

impl From<Contact<Pseudonym>> for models::Contact {
    fn from(contact: Contact<Pseudonym>) -> Self {
        let Contact {
            id,
            role,
            created_at,
            updated_at,
            last_seen_at,
            last_replied_at,
            tags,
            companies,
        } = contact;
        Self {
            id: id.map_or_else(String::new, String::from),
            role,
            is_pseudonymous: true,
            created_at,
            updated_at,
            last_seen_at,
            last_replied_at,
            tags: tags.map(Into::into),
            companies: companies.map(Into::into),
            ..Self::default()
        }
    }
}

impl Veiled for models::Contact {
    type Structure = Contact<RawId>;

    fn veiled(structure: Contact<RawId>, veil: &Veil) -> Self {
        structure.hidden(&|id| veil.hide(id)).into()
    }
}
