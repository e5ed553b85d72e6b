use askama::Template;
use askama::filters::HtmlSafe;

use crate::rules::ring;
use crate::views::level::Level;

/// Radius of the ring in its own units.
const RADIUS: f64 = 52.0;

/// A score drawn as a ring: how much of 100 is there, in the colour of its level.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/ring.html")]
pub(crate) struct Ring {
    points: Option<u32>,
    level: Level,
    dashes: String,
}

impl Ring {
    pub(crate) fn new(points: Option<u32>, level: Level) -> Self {
        Self {
            points,
            level,
            dashes: ring::dashes(points.unwrap_or(0), RADIUS),
        }
    }
}

impl HtmlSafe for Ring {}
