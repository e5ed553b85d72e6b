//! Geometry of the score ring.

use std::f64::consts::TAU;

/// Length of the arc that `points` of 100 cover on a circle of `radius`, and the rest of the way round.
pub(crate) fn dashes(points: u32, radius: f64) -> String {
    let round = TAU * radius;
    let covered = round * f64::from(points.min(100)) / 100.0;
    format!("{covered:.2} {:.2}", round - covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arc_covers_the_share_of_the_points() {
        assert_eq!(dashes(0, 10.0), "0.00 62.83");
        assert_eq!(dashes(50, 10.0), "31.42 31.42");
        assert_eq!(dashes(100, 10.0), "62.83 0.00");
        assert_eq!(dashes(400, 10.0), dashes(100, 10.0));
    }
}
