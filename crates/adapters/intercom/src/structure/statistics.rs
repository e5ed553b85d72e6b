use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{lenient, models};

/// What Intercom counts about a conversation, as far as it is known to be numbers and times.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Statistics {
    #[serde(deserialize_with = "lenient::whole")]
    time_to_admin_reply: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    time_to_first_close: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    time_to_last_close: Option<i64>,
    #[serde(deserialize_with = "lenient::moment")]
    first_contact_reply_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::moment")]
    last_contact_reply_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::moment")]
    first_admin_reply_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::moment")]
    last_admin_reply_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::moment")]
    last_close_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::count")]
    count_reopens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    count_assignments: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    count_conversation_parts: Option<u64>,
}

impl From<Statistics> for models::Statistics {
    fn from(statistics: Statistics) -> Self {
        Self {
            time_to_admin_reply_secs: statistics.time_to_admin_reply,
            time_to_first_close_secs: statistics.time_to_first_close,
            time_to_last_close_secs: statistics.time_to_last_close,
            first_contact_reply_at: statistics.first_contact_reply_at,
            last_contact_reply_at: statistics.last_contact_reply_at,
            first_admin_reply_at: statistics.first_admin_reply_at,
            last_admin_reply_at: statistics.last_admin_reply_at,
            last_close_at: statistics.last_close_at,
            count_reopens: statistics.count_reopens,
            count_assignments: statistics.count_assignments,
            count_conversation_parts: statistics.count_conversation_parts,
            ..Self::default()
        }
    }
}
