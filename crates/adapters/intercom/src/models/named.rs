use serde::{Deserialize, Serialize};

use super::prints_its_id;
use crate::lenient;

/// A tag of the workspace.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Tag {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Its name.
    #[serde(
        deserialize_with = "lenient::escaped_words",
        serialize_with = "lenient::escape_words"
    )]
    pub name: Option<String>,
}

/// A teammate, or the workspace's bot.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Admin {
    /// Intercom's id: text in REST, a number in some webhooks.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub name: Option<String>,
    /// Its address.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub email: Option<String>,
    /// Ids of its teams.
    #[serde(deserialize_with = "lenient::ids")]
    pub team_ids: Vec<String>,
    /// Whether it can be assigned conversations.
    #[serde(deserialize_with = "lenient::flag")]
    pub has_inbox_seat: bool,
    /// Whether it is away.
    #[serde(deserialize_with = "lenient::flag")]
    pub away_mode_enabled: bool,
}

/// A team.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Team {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub name: Option<String>,
    /// Ids of its admins.
    #[serde(deserialize_with = "lenient::ids")]
    pub admin_ids: Vec<String>,
}

prints_its_id!(Tag, Admin, Team);
