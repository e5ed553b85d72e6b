use harken_contracts::wire::scoring::v1::{Factor, FactorScore, ScoreExplanation};

use crate::rules::numbers;
use crate::views::level::Level;

/// One factor of a score: what it takes, of how much, and why.
#[derive(Clone, Debug)]
pub(crate) struct FactorRow {
    pub(crate) title: String,
    pub(crate) sentence: String,
    /// Its weight of 100 in the configuration.
    pub(crate) weight: String,
    /// Points that it takes, in words: `20.3`.
    pub(crate) lost: String,
    /// Most that it could take once the weights of factors that are N/A are shared out.
    pub(crate) at_most: String,
    /// Its own score, 0 to 100, as a length; 0 when N/A.
    pub(crate) filled: String,
    pub(crate) tone: Level,
}

impl FactorRow {
    pub(crate) const fn is_applicable(&self) -> bool {
        !matches!(self.tone, Level::NotApplicable)
    }
}

/// A piece of the bar that leads from 100 down to the score.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) title: String,
    pub(crate) x: String,
    pub(crate) width: String,
    pub(crate) class: &'static str,
}

/// The factors of an explained score, the most costly first.
pub(crate) fn rows(explanation: &ScoreExplanation) -> Vec<FactorRow> {
    let Some(score) = &explanation.score else {
        return Vec::new();
    };
    let coverage = score.coverage.clamp(0.0, 1.0);
    explanation
        .factors
        .iter()
        .filter_map(|told| {
            let scored = score
                .factors
                .iter()
                .find(|scored| scored.factor == told.factor)?;
            Some(FactorRow {
                title: told.title.clone(),
                sentence: told.sentence.clone(),
                weight: numbers::points(scored.weight),
                lost: numbers::points(scored.points_lost),
                at_most: numbers::points(shared_out(scored.weight, coverage)),
                filled: format!("{:.2}", scored.value.unwrap_or(0.0).clamp(0.0, 100.0)),
                tone: tone(scored.value),
            })
        })
        .collect()
}

/// The way from 100 down to the score: what is left, then what each factor takes.
pub(crate) fn breakdown(explanation: &ScoreExplanation, level: Level) -> Vec<Piece> {
    let Some((score, raw)) = explanation
        .score
        .as_ref()
        .and_then(|score| Some((score, score.raw?)))
    else {
        return Vec::new();
    };
    let mut x = raw.clamp(0.0, 100.0);
    let mut pieces = vec![Piece {
        title: format!("{} points left", numbers::points(raw)),
        x: "0".to_owned(),
        width: format!("{x:.2}"),
        class: level.slug(),
    }];
    for told in &explanation.factors {
        let lost = lost(&score.factors, told.factor);
        if lost > 0.0 {
            pieces.push(Piece {
                title: format!("{}: −{}", told.title, numbers::points(lost)),
                x: format!("{x:.2}"),
                width: format!("{lost:.2}"),
                class: "lost",
            });
            x += lost;
        }
    }
    pieces
}

/// The factor that costs a score most, in a few words: `Open conversations −20.3`; none where nothing is lost.
pub(crate) fn costliest(factors: &[FactorScore]) -> Option<String> {
    let worst = factors
        .iter()
        .filter(|factor| factor.points_lost >= 0.05)
        .max_by(|a, b| a.points_lost.total_cmp(&b.points_lost))?;
    Some(format!(
        "{} −{}",
        name(worst.factor()),
        numbers::points(worst.points_lost)
    ))
}

/// The name of a factor on screen.
pub(crate) const fn name(factor: Factor) -> &'static str {
    match factor {
        Factor::SupportRecency => "Support recency",
        Factor::OpenVolume => "Open conversations",
        Factor::ResolutionTime => "Resolution time",
        Factor::ReopenRate => "Reopen rate",
        Factor::ResponseRate => "Response rate",
        Factor::Unspecified => "Other",
    }
}

fn lost(factors: &[FactorScore], which: i32) -> f64 {
    factors
        .iter()
        .find(|factor| factor.factor == which)
        .map_or(0.0, |factor| factor.points_lost)
}

fn shared_out(weight: f64, coverage: f64) -> f64 {
    if coverage > 0.0 {
        weight / coverage
    } else {
        weight
    }
}

/// The colour of a factor, by the product's own thresholds: a factor has none of its own.
fn tone(value: Option<f64>) -> Level {
    match value {
        None => Level::NotApplicable,
        Some(70.0..) => Level::Healthy,
        Some(40.0..) => Level::AtRisk,
        Some(_) => Level::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(factor: Factor, points_lost: f64) -> FactorScore {
        FactorScore {
            factor: factor.into(),
            weight: 20.0,
            value: Some(50.0),
            points_lost,
        }
    }

    #[test]
    fn the_costliest_factor_is_named_with_its_points() {
        let factors = [
            factor(Factor::ReopenRate, 10.0),
            factor(Factor::OpenVolume, 20.3125),
        ];
        assert_eq!(
            costliest(&factors).as_deref(),
            Some("Open conversations −20.3")
        );
        assert_eq!(costliest(&[factor(Factor::ReopenRate, 0.0)]), None);
    }
}
