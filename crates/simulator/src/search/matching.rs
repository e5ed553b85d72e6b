//! Whether a record matches a filter.

use chrono_tz::Tz;

use super::catalog::{Kind, Operand, Value};
use super::days::day_of;
use super::filter::{Condition, Filter, Operator};
use super::spans::Spans;
use crate::world::Span;

impl<F: Copy + PartialEq> Filter<F> {
    /// Whether a record with these values matches, in a workspace of this zone.
    pub(super) fn matches(&self, zone: Tz, value: &dyn Fn(F) -> Value) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.matches(zone, value)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(zone, value)),
            Self::One(condition) => condition.matches(zone, &value(condition.field)),
        }
    }

    /// The seconds of `field` outside which nothing matches, and whether all inside do.
    pub(super) fn spans(&self, field: F, zone: Tz) -> (Spans, bool) {
        match self {
            Self::All(filters) => {
                filters
                    .iter()
                    .fold((Spans::all(), true), |(spans, exact), filter| {
                        let (more, all) = filter.spans(field, zone);
                        (spans.intersection(&more), exact && all)
                    })
            }
            Self::Any(filters) => {
                filters
                    .iter()
                    .fold((Spans::of([]), true), |(spans, exact), filter| {
                        let (more, all) = filter.spans(field, zone);
                        (spans.union(&more), exact && all)
                    })
            }
            Self::One(condition) if condition.field == field => match condition.spans(zone) {
                Some(spans) => (spans, true),
                None => (Spans::all(), false),
            },
            Self::One(_) => (Spans::all(), false),
        }
    }
}

impl<F> Condition<F> {
    fn matches(&self, zone: Tz, value: &Value) -> bool {
        if self.operands == [Operand::Nothing] {
            return match self.operator {
                Operator::Equal => *value == Value::Nothing,
                Operator::Unequal => *value != Value::Nothing,
                _ => false,
            };
        }
        let negated = matches!(
            self.operator,
            Operator::Unequal | Operator::NotIn | Operator::Lacks
        );
        match value {
            Value::Nothing => negated,
            Value::Time(time) => self.spans(zone).is_some_and(|spans| spans.hold(*time)),
            Value::Number(number) => self.number_matches(*number),
            Value::Flag(flag) => self.operands.contains(&Operand::Flag(*flag)) != negated,
            Value::Text(text) => self.any(text) != negated,
            Value::Names(names) => names.iter().any(|name| self.any(name)) != negated,
        }
    }

    fn number_matches(&self, number: i64) -> bool {
        self.operands
            .iter()
            .filter_map(Operand::number)
            .any(|other| match self.operator {
                Operator::Less => number < other,
                Operator::AtMost => number <= other,
                Operator::More => number > other,
                Operator::AtLeast => number >= other,
                _ => number == other,
            })
            != matches!(self.operator, Operator::Unequal | Operator::NotIn)
    }

    /// Whether any operand fits, the operator's negation left aside.
    fn any(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.operands
            .iter()
            .filter_map(Operand::text)
            .any(|wanted| {
                let wanted = wanted.to_lowercase();
                match self.operator {
                    Operator::Contains | Operator::Lacks => text.contains(&wanted),
                    Operator::StartsWith => text.starts_with(&wanted),
                    Operator::EndsWith => text.ends_with(&wanted),
                    // A body is compared word by word, so that a phrase never equals.
                    _ if self.kind == Kind::Words => text
                        .split(|letter: char| !letter.is_alphanumeric())
                        .any(|word| word == wanted),
                    _ => text == wanted,
                }
            })
    }

    /// The seconds a date condition allows; none for other kinds.
    fn spans(&self, zone: Tz) -> Option<Spans> {
        if !matches!(self.kind, Kind::Day | Kind::Second) || self.operands == [Operand::Nothing] {
            return None;
        }
        let each = self
            .operands
            .iter()
            .filter_map(Operand::number)
            .map(|time| match self.kind {
                Kind::Day => day_of(time, zone),
                _ => Span {
                    from: time,
                    to: time,
                },
            });
        let before = |span: Span| Span {
            from: i64::MIN,
            to: span.from.saturating_sub(1),
        };
        let after = |span: Span| Span {
            from: span.to.saturating_add(1),
            to: i64::MAX,
        };
        Some(match self.operator {
            Operator::Less => Spans::of(each.map(before)),
            Operator::More => Spans::of(each.map(after)),
            Operator::AtMost => Spans::of(each.map(|span| Span {
                from: i64::MIN,
                ..span
            })),
            Operator::AtLeast => Spans::of(each.map(|span| Span {
                to: i64::MAX,
                ..span
            })),
            Operator::Unequal | Operator::NotIn => Spans::of(each).complement(),
            _ => Spans::of(each),
        })
    }
}
