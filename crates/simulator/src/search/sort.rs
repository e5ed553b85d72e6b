//! The order of a search's answer.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Refusal;
use super::catalog::{Catalog, Value};

/// What to sort by and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sort<F> {
    pub(crate) field: F,
    pub(crate) ascending: bool,
}

/// A record's value in the field sorted by; what is missing comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SortKey {
    Nothing,
    Number(i64),
    Text(String),
}

impl From<Value> for SortKey {
    fn from(value: Value) -> Self {
        match value {
            Value::Nothing => Self::Nothing,
            Value::Number(number) | Value::Time(number) => Self::Number(number),
            Value::Flag(flag) => Self::Number(i64::from(flag)),
            Value::Text(text) => Self::Text(text),
            Value::Names(names) => Self::Text(names.join(",")),
        }
    }
}

impl<F> Sort<F> {
    /// Reads the value of `sort`; none when there is none.
    pub(crate) fn read<C: Catalog<Field = F>>(
        json: Option<&Json>,
    ) -> Result<Option<Self>, Refusal> {
        let Some(sort) = json.filter(|sort| !sort.is_null()) else {
            return Ok(None);
        };
        let name = sort.get("field").and_then(Json::as_str).unwrap_or_default();
        let Some((field, _)) = C::field(name) else {
            return Err(Refusal::invalid(format!("cannot sort by '{name}'")));
        };
        let ascending = match sort.get("order").and_then(Json::as_str) {
            Some("ascending") => true,
            Some("descending") | None => false,
            Some(order) => {
                return Err(Refusal {
                    code: "invalid_sort_order",
                    message: format!(
                        "Invalid sort order '{order}'. Must be one of: ascending, descending"
                    ),
                });
            }
        };
        Ok(Some(Self { field, ascending }))
    }
}
