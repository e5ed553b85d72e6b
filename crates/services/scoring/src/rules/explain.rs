//! A score in plain words. Facts only: no names, no content, no advice.

use harken_domain::RiskLevel;

use super::{
    Evaluation, Factor, Inputs,
    measure::{ago, counted, lasting, points},
};

/// A score in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub(crate) summary: String,
    /// The most costly first.
    pub(crate) factors: Vec<(Factor, String)>,
}

/// Puts a score into words.
pub(crate) fn explain(evaluation: &Evaluation) -> Explanation {
    let costly = most_costly_first(evaluation);
    Explanation {
        summary: summary(evaluation, &costly),
        factors: costly
            .into_iter()
            .map(|factor| (factor, sentence(factor, evaluation)))
            .collect(),
    }
}

fn most_costly_first(evaluation: &Evaluation) -> Vec<Factor> {
    let lost = |factor: &Factor| evaluation.factors[*factor].points_lost;
    let mut factors = Factor::ALL.to_vec();
    factors.sort_by(|one, other| lost(other).total_cmp(&lost(one)));
    factors
}

fn summary(evaluation: &Evaluation, costly: &[Factor]) -> String {
    let (Some(score), Some(level)) = (evaluation.points, evaluation.level) else {
        return if evaluation.inputs.conversations == 0 {
            "No score: there is no conversation with this customer yet.".to_owned()
        } else {
            "No score: nothing that has weight could be judged.".to_owned()
        };
    };
    let mut costs = costly.iter().filter_map(|factor| {
        let lost = points(evaluation.factors[*factor].points_lost)?;
        Some(format!("{} ({lost})", factor.title().to_lowercase()))
    });
    let reasons = match (costs.next(), costs.next()) {
        (Some(first), Some(second)) => format!("the most costly are {first} and {second}"),
        (Some(only), None) => format!("only {only} takes from it"),
        (None, _) => "nothing takes from it".to_owned(),
    };
    format!("{} of 100, {}: {reasons}.", score.get(), in_words(level))
}

fn in_words(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Healthy => "healthy",
        RiskLevel::AtRisk => "at risk",
        RiskLevel::Critical => "critical",
    }
}

/// A factor's inputs, and what they cost.
fn sentence(factor: Factor, evaluation: &Evaluation) -> String {
    let inputs = &evaluation.inputs;
    let score = &evaluation.factors[factor];
    let facts = match factor {
        _ if inputs.conversations == 0 => "There is no conversation yet".to_owned(),
        Factor::SupportRecency => recency(inputs),
        Factor::OpenVolume => match inputs.open {
            0 => "No conversation is open".to_owned(),
            1 => "1 conversation is open".to_owned(),
            open => format!("{open} conversations are open"),
        },
        Factor::ResolutionTime => inputs.resolution_hours.map_or_else(
            || "No conversation was closed in the last 90 days".to_owned(),
            |hours| {
                let took = lasting(hours);
                format!("Conversations closed in the last 90 days took {took} on average")
            },
        ),
        Factor::ReopenRate => reopens(inputs),
        Factor::ResponseRate => match inputs.unanswered_hours {
            None => "No message from the team is there to answer".to_owned(),
            Some(hours) if hours > 0.0 => {
                format!(
                    "A message from the team has waited {} for an answer",
                    lasting(hours)
                )
            }
            Some(_) => "The customer has answered every message from the team".to_owned(),
        },
    };
    let cost = match score.value {
        None => "this is not judged".to_owned(),
        Some(_) => points(score.points_lost).map_or_else(
            || "this costs nothing".to_owned(),
            |lost| format!("this costs {lost}"),
        ),
    };
    format!("{facts}; {cost}.")
}

fn recency(inputs: &Inputs) -> String {
    match (inputs.seen_days.map(ago), inputs.conv_days.map(ago)) {
        (Some(seen), Some(moved)) => {
            format!("Last seen {seen}, last conversation activity {moved}")
        }
        (Some(seen), None) => format!("Last seen {seen}"),
        (None, Some(moved)) => format!("Never seen, last conversation activity {moved}"),
        (None, None) => "Never seen, and no conversation activity is known".to_owned(),
    }
}

fn reopens(inputs: &Inputs) -> String {
    let conversations = counted(inputs.conversations_30d, "conversation", "conversations");
    match inputs.reopens_30d {
        0 => "No conversation was opened again in the last 30 days".to_owned(),
        reopens => format!(
            "{} among {conversations} in the last 30 days",
            counted(reopens, "reopening", "reopenings")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Configuration, evaluate, properties::any_inputs};

    fn explained(inputs: &Inputs) -> Explanation {
        explain(&evaluate(inputs, &Configuration::standard()))
    }

    #[test]
    fn a_score_is_told_the_most_costly_factor_first() {
        let explanation = explained(&Inputs {
            seen_days: Some(4.643),
            conv_days: Some(60.528),
            open: 3,
            resolution_hours: None,
            reopens_30d: 1,
            conversations_30d: 4,
            unanswered_hours: Some(260.15),
            conversations: 4,
        });
        assert_eq!(
            explanation.summary,
            "42 of 100, at risk: the most costly are open conversations (20.3 points) and \
             response rate (13.8 points)."
        );
        let sentences: Vec<_> = explanation
            .factors
            .iter()
            .map(|(_, text)| text.as_str())
            .collect();
        assert_eq!(
            sentences,
            [
                "3 conversations are open; this costs 20.3 points.",
                "A message from the team has waited 11 days for an answer; this costs 13.8 points.",
                "Last seen 4 days ago, last conversation activity 60 days ago; this costs 13.5 points.",
                "1 reopening among 4 conversations in the last 30 days; this costs 10 points.",
                "No conversation was closed in the last 90 days; this is not judged.",
            ]
        );
    }

    #[test]
    fn a_perfect_score_says_that_nothing_is_missing() {
        let explanation = explained(&Inputs {
            seen_days: Some(0.1),
            unanswered_hours: Some(0.0),
            resolution_hours: Some(0.0),
            conversations: 1,
            ..Inputs::default()
        });
        assert_eq!(
            explanation.summary,
            "100 of 100, healthy: nothing takes from it."
        );
        assert!(
            explanation
                .factors
                .iter()
                .all(|(_, text)| text.ends_with("costs nothing."))
        );
    }

    #[test]
    fn one_costly_factor_is_the_only_one() {
        let explanation = explained(&Inputs {
            open: 1,
            conversations: 1,
            ..Inputs::default()
        });
        assert_eq!(
            explanation.summary,
            "89 of 100, healthy: only open conversations (11.1 points) takes from it."
        );
    }

    #[test]
    fn a_customer_without_conversations_has_no_score_and_no_judgement() {
        let explanation = explained(&Inputs {
            seen_days: Some(3.0),
            ..Inputs::default()
        });
        assert_eq!(
            explanation.summary,
            "No score: there is no conversation with this customer yet."
        );
        assert!(
            explanation
                .factors
                .iter()
                .all(|(_, text)| text.ends_with("not judged."))
        );
    }

    proptest::proptest! {
        #[test]
        fn every_score_has_a_sentence_for_each_factor(inputs in any_inputs()) {
            let explanation = explained(&inputs);
            proptest::prop_assert_eq!(explanation.factors.len(), 5);
            for (_, sentence) in explanation.factors {
                proptest::prop_assert!(sentence.ends_with('.') && !sentence.contains("NaN"));
            }
        }
    }
}
