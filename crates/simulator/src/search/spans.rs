//! Sets of seconds, as sorted spans that do not touch.

use crate::world::Span;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spans(Vec<Span>);

impl Spans {
    pub(super) fn all() -> Self {
        Self(vec![Span::ALL])
    }

    pub(super) fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut spans: Vec<_> = spans
            .into_iter()
            .filter(|span| span.from <= span.to)
            .collect();
        spans.sort_by_key(|span| span.from);
        let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.from <= last.to.saturating_add(1) => {
                    last.to = last.to.max(span.to);
                }
                _ => joined.push(span),
            }
        }
        Self(joined)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied())
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let both = self.0.iter().flat_map(|a| {
            other.0.iter().map(|b| Span {
                from: a.from.max(b.from),
                to: a.to.min(b.to),
            })
        });
        Self::of(both)
    }

    pub(super) fn complement(&self) -> Self {
        let mut gaps = Vec::new();
        let mut from = Some(i64::MIN);
        for span in &self.0 {
            if let (Some(from), Some(to)) = (from, span.from.checked_sub(1)) {
                gaps.push(Span { from, to });
            }
            from = span.to.checked_add(1);
        }
        gaps.extend(from.map(|from| Span { from, to: i64::MAX }));
        Self::of(gaps)
    }

    pub(super) fn hold(&self, time: i64) -> bool {
        self.0.iter().any(|span| span.holds(time))
    }

    pub(super) fn iter(&self, ascending: bool) -> Box<dyn Iterator<Item = Span> + '_> {
        let spans = self.0.iter().copied();
        if ascending {
            Box::new(spans)
        } else {
            Box::new(spans.rev())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Spans> {
        let span = (-50i64..50, 0i64..20).prop_map(|(from, width)| Span {
            from,
            to: from + width,
        });
        prop::collection::vec(span, 0..6).prop_map(Spans::of)
    }

    proptest! {
        #[test]
        fn set_rules_hold_for_every_second(a in spans(), b in spans(), time in -60i64..80) {
            prop_assert_eq!(a.union(&b).hold(time), a.hold(time) || b.hold(time));
            prop_assert_eq!(a.intersection(&b).hold(time), a.hold(time) && b.hold(time));
            prop_assert_eq!(a.complement().hold(time), !a.hold(time));
        }
    }
}
