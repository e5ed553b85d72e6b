use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Veil, Veiled};
use crate::{lenient, models};

/// A company: that it is there, since when, and how large.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Company {
    #[serde(deserialize_with = "lenient::code")]
    pub(crate) id: String,
    #[serde(deserialize_with = "lenient::whole")]
    size: Option<i64>,
    #[serde(deserialize_with = "lenient::moment")]
    created_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient::moment")]
    updated_at: Option<DateTime<Utc>>,
}

impl From<Company> for models::Company {
    fn from(company: Company) -> Self {
        let Company {
            id,
            size,
            created_at,
            updated_at,
        } = company;
        Self {
            id,
            size,
            created_at,
            updated_at,
            ..Self::default()
        }
    }
}

impl Veiled for models::Company {
    type Structure = Company;

    fn veiled(structure: Company, _: &Veil) -> Self {
        structure.into()
    }
}
