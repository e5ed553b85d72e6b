use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Extra, MOST_BYTES, prints_its_id};
use crate::{extra::keeps_extra, lenient};

/// A company.
#[derive(Clone, Default, Deserialize)]
#[serde(default, remote = "Self")]
pub struct Company {
    /// Intercom's id.
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    /// The id that the workspace gave it.
    #[serde(rename = "company_id", deserialize_with = "lenient::escaped_words")]
    pub external_id: Option<String>,
    /// Its name.
    #[serde(deserialize_with = "lenient::escaped_words")]
    pub name: Option<String>,
    /// Its plan; empty object or null if none.
    #[serde(deserialize_with = "lenient::object")]
    pub(crate) plan: Option<Plan>,
    /// Monthly spend, in the workspace's own unit.
    #[serde(deserialize_with = "lenient::number")]
    pub monthly_spend: Option<f64>,
    /// Number of employees.
    #[serde(deserialize_with = "lenient::whole")]
    pub size: Option<i64>,
    /// When it appeared in Intercom.
    #[serde(deserialize_with = "lenient::moment")]
    pub created_at: Option<DateTime<Utc>>,
    /// When Intercom last changed it.
    #[serde(deserialize_with = "lenient::moment")]
    pub updated_at: Option<DateTime<Utc>>,
    /// What Intercom says beside these fields, at most 32 KiB.
    #[serde(skip)]
    pub extra: Extra,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Plan {
    #[serde(deserialize_with = "lenient::escaped_words")]
    name: Option<String>,
}

impl Company {
    /// Name of its plan.
    pub fn plan_name(&self) -> Option<&str> {
        self.plan.as_ref()?.name.as_deref()
    }
}

prints_its_id!(Company);

keeps_extra!(Company, MOST_BYTES);
