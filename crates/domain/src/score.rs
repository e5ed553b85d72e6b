use crate::RiskLevel;

/// A health score: 0 (worst) to 100 (best).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(u8);

/// A number that is no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a score lies between 0 and 100; {0} does not")]
pub struct PointsOutOfRange(pub i64);

impl Points {
    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Points {
    type Error = PointsOutOfRange;

    fn try_from(points: i64) -> Result<Self, Self::Error> {
        match u8::try_from(points) {
            Ok(points @ 0..=100) => Ok(Self(points)),
            _ => Err(PointsOutOfRange(points)),
        }
    }
}

/// A score at which a level begins: 1 to 100.
pub type Threshold = u8;

/// Where the levels begin: critical below yellow, at risk below green, healthy from green on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    yellow: Threshold,
    green: Threshold,
}

/// Thresholds that do not rise from red to green.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("thresholds must satisfy 0 < yellow < green <= 100; yellow is {yellow}, green is {green}")]
pub struct ThresholdsOutOfOrder {
    yellow: u32,
    green: u32,
}

impl Thresholds {
    /// The product's own thresholds (PRODUCT C10): yellow from 40, green from 70.
    pub const STANDARD: Self = Self {
        yellow: 40,
        green: 70,
    };

    /// Takes thresholds with 0 < yellow < green <= 100.
    pub fn new(yellow: u32, green: u32) -> Result<Self, ThresholdsOutOfOrder> {
        match (Threshold::try_from(yellow), Threshold::try_from(green)) {
            (Ok(y @ 1..), Ok(g @ ..=100)) if y < g => Ok(Self {
                yellow: y,
                green: g,
            }),
            _ => Err(ThresholdsOutOfOrder { yellow, green }),
        }
    }

    /// The score from which on a customer is no longer critical.
    pub const fn yellow(self) -> Threshold {
        self.yellow
    }

    /// The score from which on a customer is healthy.
    pub const fn green(self) -> Threshold {
        self.green
    }

    /// The level of a score.
    pub const fn level(self, points: Points) -> RiskLevel {
        if points.0 >= self.green {
            RiskLevel::Healthy
        } else if points.0 >= self.yellow {
            RiskLevel::AtRisk
        } else {
            RiskLevel::Critical
        }
    }
}

/// Which state of a thing this is; grows with each change, given in the owner's transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_at_their_thresholds() {
        for (points, level) in [
            (0, RiskLevel::Critical),
            (39, RiskLevel::Critical),
            (40, RiskLevel::AtRisk),
            (69, RiskLevel::AtRisk),
            (70, RiskLevel::Healthy),
            (100, RiskLevel::Healthy),
        ] {
            assert_eq!(
                Thresholds::STANDARD.level(Points::try_from(points).unwrap()),
                level
            );
        }
    }

    #[test]
    fn thresholds_out_of_order_are_refused() {
        for (yellow, green) in [
            (0, 70),
            (70, 70),
            (71, 70),
            (40, 101),
            (40, 1000),
            (300, 400),
        ] {
            assert!(Thresholds::new(yellow, green).is_err(), "{yellow} {green}");
        }
    }

    #[test]
    fn numbers_beyond_the_scale_are_no_scores() {
        assert_eq!(Points::try_from(101), Err(PointsOutOfRange(101)));
        assert_eq!(Points::try_from(-1), Err(PointsOutOfRange(-1)));
    }
}
