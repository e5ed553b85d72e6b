use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Extra, MOST_BYTES, Tag, prints_its_id};
use crate::{extra::keeps_extra, lenient};

/// A contact: a user or a lead.
#[derive(Clone, Default, Deserialize)]
#[serde(default, remote = "Self")]
pub struct Contact {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The id that the workspace gave it; a made-up one for leads.
    #[serde(deserialize_with = "lenient::words")]
    pub external_id: Option<String>,
    #[serde(deserialize_with = "lenient::word")]
    pub(crate) role: String,
    /// Whether its id is a pseudonym, and whatever else would tell who it is was not read.
    #[serde(skip)]
    pub is_pseudonymous: bool,
    /// Its address, unchecked; leads often have none, and several contacts may share one.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub email: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub name: Option<String>,
    /// When Intercom first saw it.
    #[serde(deserialize_with = "lenient::moment")]
    pub created_at: Option<DateTime<Utc>>,
    /// When Intercom last changed it.
    #[serde(deserialize_with = "lenient::moment")]
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was last seen.
    #[serde(deserialize_with = "lenient::moment")]
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it last replied.
    #[serde(deserialize_with = "lenient::moment")]
    pub last_replied_at: Option<DateTime<Utc>>,
    /// Its tags, at most ten of them, usually without names.
    #[serde(deserialize_with = "lenient::object")]
    pub(crate) tags: Option<SubList>,
    /// Its companies, at most ten of them.
    #[serde(deserialize_with = "lenient::object")]
    pub(crate) companies: Option<SubList>,
    /// The workspace's own attributes, by name.
    #[serde(deserialize_with = "lenient::attributes")]
    pub custom_attributes: Map<String, Value>,
    /// What Intercom says beside these fields, at most 32 KiB.
    #[serde(skip)]
    pub extra: Extra,
}

/// What a contact is to the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactRole {
    /// Known by an id of the workspace's own.
    User,
    /// Known by what it left.
    Lead,
}

impl ContactRole {
    /// Intercom's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Lead => "lead",
        }
    }
}

/// The beginning of a list that lies inside an object.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SubList {
    /// The inlined members, by id; names where Intercom gives them.
    #[serde(deserialize_with = "lenient::list")]
    pub data: Vec<Tag>,
    /// How many there are in all.
    #[serde(deserialize_with = "lenient::count")]
    total_count: Option<u64>,
    #[serde(deserialize_with = "lenient::flag")]
    has_more: bool,
}

impl SubList {
    pub(crate) const fn new(data: Vec<Tag>, total_count: Option<u64>, has_more: bool) -> Self {
        Self {
            data,
            total_count,
            has_more,
        }
    }

    /// Whether there are members beyond the inlined ones.
    pub fn is_cut(&self) -> bool {
        self.has_more
            || self
                .total_count
                .is_some_and(|total| total > self.data.len() as u64)
    }
}

impl Contact {
    /// Its role; whoever is no user is a lead.
    pub fn role(&self) -> ContactRole {
        if self.role == "user" {
            ContactRole::User
        } else {
            ContactRole::Lead
        }
    }

    /// Its tags as far as they are inlined.
    pub fn tags(&self) -> &[Tag] {
        self.tags.as_ref().map_or(&[], |list| &list.data)
    }

    /// Whether it has more tags than are inlined.
    pub fn has_more_tags(&self) -> bool {
        self.tags.as_ref().is_some_and(SubList::is_cut)
    }

    /// Ids of its companies as far as they are inlined.
    pub fn company_ids(&self) -> impl Iterator<Item = &str> {
        self.companies
            .iter()
            .flat_map(|list| &list.data)
            .map(|company| company.id.as_str())
    }

    /// Whether it has more companies than are inlined.
    pub fn has_more_companies(&self) -> bool {
        self.companies.as_ref().is_some_and(SubList::is_cut)
    }
}

prints_its_id!(Contact);

keeps_extra!(Contact, MOST_BYTES);
