use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Extra, MOST_PART_BYTES};
use crate::{extra::keeps_extra, lenient};

/// What Intercom counts about a conversation. Everything may be missing, which means never.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, remote = "Self")]
pub struct Statistics {
    /// Seconds from the contact's first reply to the first reply of a teammate, office hours.
    #[serde(rename = "time_to_admin_reply", deserialize_with = "lenient::whole")]
    pub time_to_admin_reply_secs: Option<i64>,
    /// Seconds from the contact's first reply to the first close, office hours.
    #[serde(rename = "time_to_first_close", deserialize_with = "lenient::whole")]
    pub time_to_first_close_secs: Option<i64>,
    /// Seconds from the contact's first reply to the last close, office hours.
    #[serde(rename = "time_to_last_close", deserialize_with = "lenient::whole")]
    pub time_to_last_close_secs: Option<i64>,
    /// When a contact first replied.
    #[serde(deserialize_with = "lenient::moment")]
    pub first_contact_reply_at: Option<DateTime<Utc>>,
    /// When a contact last replied.
    #[serde(deserialize_with = "lenient::moment")]
    pub last_contact_reply_at: Option<DateTime<Utc>>,
    /// When a teammate first replied.
    #[serde(deserialize_with = "lenient::moment")]
    pub first_admin_reply_at: Option<DateTime<Utc>>,
    /// When a teammate last replied.
    #[serde(deserialize_with = "lenient::moment")]
    pub last_admin_reply_at: Option<DateTime<Utc>>,
    /// When it was last closed.
    #[serde(deserialize_with = "lenient::moment")]
    pub last_close_at: Option<DateTime<Utc>>,
    /// Times it was opened again.
    #[serde(deserialize_with = "lenient::count")]
    pub count_reopens: Option<u64>,
    /// Times it was assigned.
    #[serde(deserialize_with = "lenient::count")]
    pub count_assignments: Option<u64>,
    /// Its parts, invisible ones included.
    #[serde(deserialize_with = "lenient::count")]
    pub count_conversation_parts: Option<u64>,
    /// What Intercom counts beside these.
    #[serde(skip)]
    pub extra: Extra,
}

keeps_extra!(Statistics, MOST_PART_BYTES);
