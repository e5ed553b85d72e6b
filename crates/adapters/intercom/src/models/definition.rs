use serde::Deserialize;

use super::prints_its_id;
use crate::lenient;

/// A segment: people or companies that the workspace's rules put together.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Segment {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Its name; people rename it.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub name: Option<String>,
    /// Whom it holds: `user`, `contact` (leads) or `company`; an open set of words.
    #[serde(deserialize_with = "lenient::word")]
    pub person_type: String,
}

/// The definition of an attribute. Objects name their attributes by display names, which people change: the id stays.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Attribute {
    /// Intercom's id; empty for those of Intercom's own making, whose names stay.
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    /// The name under which objects show it now.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub name: Option<String>,
    /// What people see.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub label: Option<String>,
    /// What it is for.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub description: Option<String>,
    /// What it holds; an open set of words such as `string`, `integer`, `date` and `list`.
    #[serde(deserialize_with = "lenient::word")]
    pub data_type: String,
    /// Whether it is out of use.
    #[serde(deserialize_with = "lenient::flag")]
    pub archived: bool,
}

/// Whose attribute it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeModel {
    /// A contact's.
    Contact,
    /// A company's.
    Company,
    /// A conversation's.
    Conversation,
}

impl AttributeModel {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Contact, Self::Company, Self::Conversation];

    /// Intercom's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Conversation => "conversation",
        }
    }
}

impl Attribute {
    /// What stays the same of it: its id, or the name of one that Intercom made and that has none.
    pub fn key(&self) -> &str {
        if self.id.is_empty() {
            self.name.as_deref().unwrap_or_default()
        } else {
            &self.id
        }
    }
}

prints_its_id!(Segment, Attribute);
