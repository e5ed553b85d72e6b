use serde::{Deserialize, Serialize};

use super::Factor;

/// Most knots of a curve.
const MOST_KNOTS: usize = 32;

/// One corner of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Knot {
    /// Days, hours or a count, as the factor has it.
    pub(crate) x: f64,
    /// Factor score, 0 to 100.
    pub(crate) y: f64,
}

/// What an input is worth: piecewise linear between knots, flat outside, never rising.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    knots: Vec<Knot>,
    scale: Scale,
}

/// How the way between two knots is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    /// In ln(1 + x): an hour more weighs less the more there are.
    Logarithmic,
}

/// Knots that make no curve. `path` is relative to the curve: `knots[2].x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidCurve {
    pub(crate) path: String,
    pub(crate) problem: String,
}

impl Curve {
    /// Takes knots that rise strictly in x and never in y.
    pub(crate) fn new(factor: Factor, knots: Vec<Knot>) -> Result<Self, InvalidCurve> {
        if !(2..=MOST_KNOTS).contains(&knots.len()) {
            return Err(InvalidCurve {
                path: "knots".to_owned(),
                problem: format!("has {}; give 2 to {MOST_KNOTS} knots", knots.len()),
            });
        }
        for (index, knot) in knots.iter().enumerate() {
            let refuse = |axis: &str, problem: String| InvalidCurve {
                path: format!("knots[{index}].{axis}"),
                problem,
            };
            if !knot.x.is_finite() || knot.x < 0.0 {
                return Err(refuse("x", format!("is {}; give 0 or more", knot.x)));
            }
            if !(0.0..=100.0).contains(&knot.y) {
                return Err(refuse("y", format!("is {}; give 0 to 100", knot.y)));
            }
            let Some(previous) = index.checked_sub(1).map(|before| knots[before]) else {
                continue;
            };
            if knot.x <= previous.x {
                let problem = format!("is {} after {}; let x rise strictly", knot.x, previous.x);
                return Err(refuse("x", problem));
            }
            if knot.y > previous.y {
                let problem = format!("is {} after {}; let y never rise", knot.y, previous.y);
                return Err(refuse("y", problem));
            }
        }
        Ok(Self::sound(factor, knots))
    }

    /// The curve that holds for `factor` unless an organization chose another.
    pub(crate) fn standard(factor: Factor) -> Self {
        let knots: &[(f64, f64)] = match factor {
            Factor::SupportRecency => &[
                (0.0, 100.0),
                (2.0, 100.0),
                (7.0, 85.0),
                (14.0, 60.0),
                (30.0, 15.0),
                (60.0, 0.0),
            ],
            Factor::OpenVolume => &[
                (0.0, 100.0),
                (1.0, 80.0),
                (2.0, 55.0),
                (3.0, 35.0),
                (4.0, 15.0),
                (6.0, 0.0),
            ],
            Factor::ResolutionTime => &[
                (0.0, 100.0),
                (4.0, 95.0),
                (24.0, 60.0),
                (48.0, 35.0),
                (72.0, 15.0),
                (168.0, 0.0),
            ],
            Factor::ReopenRate => &[
                (0.0, 100.0),
                (1.0, 60.0),
                (2.0, 30.0),
                (3.0, 10.0),
                (5.0, 0.0),
            ],
            Factor::ResponseRate => &[
                (0.0, 100.0),
                (24.0, 100.0),
                (72.0, 70.0),
                (168.0, 40.0),
                (336.0, 15.0),
                (720.0, 0.0),
            ],
        };
        Self::sound(factor, knots.iter().map(|&(x, y)| Knot { x, y }).collect())
    }

    fn sound(factor: Factor, knots: Vec<Knot>) -> Self {
        let scale = match factor {
            Factor::ResolutionTime => Scale::Logarithmic,
            _ => Scale::Linear,
        };
        Self { knots, scale }
    }

    pub(crate) fn knots(&self) -> &[Knot] {
        &self.knots
    }

    /// The factor score of an input.
    pub(crate) fn at(&self, x: f64) -> f64 {
        let after = self.knots.partition_point(|knot| knot.x <= x);
        match (
            after.checked_sub(1).map(|before| self.knots[before]),
            self.knots.get(after),
        ) {
            (Some(left), Some(right)) => {
                let [from, to, here] = [left.x, right.x, x].map(|x| self.scale.place(x));
                let way = (here - from) / (to - from);
                (left.y + (right.y - left.y) * way).clamp(right.y, left.y)
            }
            (Some(last), None) => last.y,
            (None, Some(first)) => first.y,
            (None, None) => 0.0,
        }
    }
}

impl Scale {
    fn place(self, x: f64) -> f64 {
        match self {
            Self::Linear => x,
            Self::Logarithmic => x.ln_1p(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn knots(points: &[(f64, f64)]) -> Vec<Knot> {
        points.iter().map(|&(x, y)| Knot { x, y }).collect()
    }

    #[test]
    fn a_curve_passes_through_its_knots_and_is_flat_outside() {
        for factor in Factor::ALL {
            let curve = Curve::standard(factor);
            for knot in curve.knots() {
                assert_eq!(
                    curve.at(knot.x).to_bits(),
                    knot.y.to_bits(),
                    "{factor} {}",
                    knot.x
                );
            }
            assert!(curve.at(1e9).abs() < f64::EPSILON, "{factor}");
        }
        let late = Curve::new(Factor::OpenVolume, knots(&[(2.0, 90.0), (4.0, 10.0)])).unwrap();
        assert!((late.at(0.0) - 90.0).abs() < f64::EPSILON);
    }

    #[test]
    fn between_knots_days_count_evenly_and_hours_to_resolve_by_logarithm() {
        let recency = Curve::standard(Factor::SupportRecency);
        assert!((recency.at(4.643) - 92.071).abs() < 1e-9);
        let resolution = Curve::standard(Factor::ResolutionTime);
        // Half way between 4 and 24 hours in ln(1 + h).
        let middle = (5.0_f64 * 25.0).sqrt() - 1.0;
        assert!((resolution.at(middle) - 77.5).abs() < 1e-9);
    }

    #[test]
    fn the_standard_curves_obey_the_rules_for_curves() {
        for factor in Factor::ALL {
            let curve = Curve::standard(factor);
            assert_eq!(Curve::new(factor, curve.knots().to_vec()), Ok(curve));
        }
    }

    #[test]
    fn knots_out_of_order_are_refused_by_name() {
        for (points, path) in [
            (vec![(0.0, 100.0)], "knots"),
            (vec![(0.0, 100.0), (0.0, 50.0)], "knots[1].x"),
            (vec![(0.0, 100.0), (5.0, 50.0), (4.0, 40.0)], "knots[2].x"),
            (vec![(0.0, 50.0), (1.0, 51.0)], "knots[1].y"),
            (vec![(0.0, 101.0), (1.0, 51.0)], "knots[0].y"),
            (vec![(0.0, 50.0), (1.0, -1.0)], "knots[1].y"),
            (vec![(0.0, f64::NAN), (1.0, 0.0)], "knots[0].y"),
            (vec![(-1.0, 100.0), (1.0, 51.0)], "knots[0].x"),
            (vec![(0.0, 100.0), (f64::INFINITY, 51.0)], "knots[1].x"),
            (vec![(0.0, 1.0); 33], "knots"),
        ] {
            let error = Curve::new(Factor::OpenVolume, knots(&points)).unwrap_err();
            assert_eq!(error.path, path, "{}", error.problem);
        }
    }

    proptest! {
        #[test]
        fn a_curve_never_rises_and_stays_on_the_scale(a in 0.0..1000.0_f64, b in 0.0..1000.0_f64) {
            let (less, more) = if a <= b { (a, b) } else { (b, a) };
            for factor in Factor::ALL {
                let curve = Curve::standard(factor);
                prop_assert!(curve.at(more) <= curve.at(less));
                prop_assert!((0.0..=100.0).contains(&curve.at(a)));
            }
        }
    }
}
