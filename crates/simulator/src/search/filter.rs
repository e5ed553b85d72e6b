//! Reads the `query` of a search.

use serde_json::Value as Json;

use super::Refusal;
use super::catalog::{Catalog, Kind, Operand};

const MAX_DEPTH: usize = 2;
const MAX_FILTERS: usize = 15;

/// A query, its fields and values checked.
#[derive(Debug, Clone)]
pub(crate) enum Filter<F> {
    All(Vec<Filter<F>>),
    Any(Vec<Filter<F>>),
    One(Condition<F>),
}

#[derive(Debug, Clone)]
pub(crate) struct Condition<F> {
    pub(crate) field: F,
    pub(crate) kind: Kind,
    pub(crate) operator: Operator,
    /// One, or for `IN` and `NIN` any number.
    pub(crate) operands: Vec<Operand>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    Unequal,
    In,
    NotIn,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
    Lacks,
    StartsWith,
    EndsWith,
}

impl Operator {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "!=" => Self::Unequal,
            "IN" => Self::In,
            "NIN" => Self::NotIn,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            ">" => Self::More,
            ">=" => Self::AtLeast,
            "~" => Self::Contains,
            "!~" => Self::Lacks,
            "^" => Self::StartsWith,
            "$" => Self::EndsWith,
            _ => return None,
        })
    }

    fn fits(self, kind: Kind) -> bool {
        use Operator::{
            Contains, EndsWith, Equal, In, Lacks, Less, More, NotIn, StartsWith, Unequal,
        };
        match kind {
            Kind::Day => matches!(self, Equal | Less | More),
            Kind::TagId => matches!(self, Equal | Unequal),
            Kind::Flag => matches!(self, Equal | Unequal | In | NotIn),
            Kind::Number | Kind::Second => {
                !matches!(self, Contains | Lacks | StartsWith | EndsWith)
            }
            Kind::Text | Kind::Words | Kind::Names => {
                matches!(
                    self,
                    Equal | Unequal | In | NotIn | Contains | Lacks | StartsWith | EndsWith
                )
            }
        }
    }
}

impl<F: Clone> Filter<F> {
    /// Reads the value of `query`.
    pub(crate) fn read<C: Catalog<Field = F>>(json: &Json) -> Result<Self, Refusal> {
        Self::read_at::<C>(json, 0)
    }

    /// Lets `>` and `<` on seconds hold for the second itself.
    pub(crate) fn include_bounds(&mut self) {
        match self {
            Self::All(filters) | Self::Any(filters) => {
                filters.iter_mut().for_each(Self::include_bounds);
            }
            Self::One(condition) if condition.kind == Kind::Second => {
                condition.operator = match condition.operator {
                    Operator::Less => Operator::AtMost,
                    Operator::More => Operator::AtLeast,
                    other => other,
                };
            }
            Self::One(_) => {}
        }
    }

    fn read_at<C: Catalog<Field = F>>(json: &Json, depth: usize) -> Result<Self, Refusal> {
        let Some(operator) = json.get("operator").and_then(Json::as_str) else {
            return Err(Refusal::invalid("query must contain an operator"));
        };
        let value = json.get("value").unwrap_or(&Json::Null);
        if !matches!(operator, "AND" | "OR") {
            return Self::read_one::<C>(json, operator, value).map(Self::One);
        }
        if depth >= MAX_DEPTH {
            return Err(Refusal::invalid("query is nested more than 2 levels deep"));
        }
        let filters = value
            .as_array()
            .ok_or_else(|| Refusal::invalid("value must be an array of filters"))?;
        if filters.is_empty() || filters.len() > MAX_FILTERS {
            return Err(Refusal::invalid("a group holds from 1 to 15 filters"));
        }
        let filters = filters
            .iter()
            .map(|filter| Self::read_at::<C>(filter, depth + 1));
        let filters = filters.collect::<Result<_, _>>()?;
        Ok(if operator == "AND" {
            Self::All(filters)
        } else {
            Self::Any(filters)
        })
    }

    fn read_one<C: Catalog<Field = F>>(
        json: &Json,
        operator: &str,
        value: &Json,
    ) -> Result<Condition<F>, Refusal> {
        let name = json.get("field").and_then(Json::as_str).unwrap_or_default();
        let Some((field, kind)) = C::field(name) else {
            return Err(Refusal::invalid(format!("unknown field '{name}'")));
        };
        let fits = Operator::read(operator).filter(|operator| operator.fits(kind));
        let Some(operator) = fits else {
            return Err(Refusal::invalid(format!(
                "operator '{operator}' is not supported on '{name}'"
            )));
        };
        let mistyped = || Refusal::invalid(format!("value of '{name}' has the wrong type"));
        let operands = match (operator, value) {
            (Operator::In | Operator::NotIn, Json::Array(values)) => values
                .iter()
                .map(|value| Operand::read(kind, value))
                .collect::<Option<Vec<_>>>(),
            (Operator::In | Operator::NotIn, _) => None,
            _ => Operand::read(kind, value).map(|operand| vec![operand]),
        };
        let operands = operands.ok_or_else(mistyped)?;
        Ok(Condition {
            field,
            kind,
            operator,
            operands,
        })
    }
}
