use std::time::{Duration, Instant};

use anyhow::Result;

/// Done before anything is timed, so that caches and pools are as in daily life.
const WARM_UP: usize = 5;

/// How long something took, many times over.
#[derive(Debug)]
pub(crate) struct Timing(Vec<Duration>);

impl From<Vec<Duration>> for Timing {
    fn from(mut taken: Vec<Duration>) -> Self {
        taken.sort_unstable();
        Self(taken)
    }
}

impl Timing {
    /// Does it `times` over, one after the other.
    pub(crate) async fn of<F>(times: usize, mut work: impl FnMut() -> F) -> Result<Self>
    where
        F: Future<Output = Result<()>>,
    {
        for _ in 0..WARM_UP {
            work().await?;
        }
        let mut taken = Vec::with_capacity(times);
        for _ in 0..times {
            let begun = Instant::now();
            work().await?;
            taken.push(begun.elapsed());
        }
        Ok(taken.into())
    }

    pub(crate) fn median_ms(&self) -> f64 {
        self.at(500)
    }

    pub(crate) fn p95_ms(&self) -> f64 {
        self.at(950)
    }

    /// So many of a thousand were faster.
    pub(crate) fn permille_ms(&self, permille: usize) -> f64 {
        self.at(permille)
    }

    pub(crate) fn max_ms(&self) -> f64 {
        self.at(1000)
    }

    fn at(&self, permille: usize) -> f64 {
        let index = (self.0.len() * permille / 1000).min(self.0.len().saturating_sub(1));
        self.0
            .get(index)
            .map_or(0.0, |taken| taken.as_secs_f64() * 1000.0)
    }
}
