use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, Points, Revision, RiskLevel};
use sqlx::PgConnection;

use crate::{
    outbound::{
        events::score_changed::{self, Move},
        postgres::{
            configurations::{self, Configurations},
            customers::Customer,
            error::StoreError,
            facts,
            scores::{self, NewScore, Score, Trigger},
            standings::{self, Standing},
        },
    },
    rules::{Facts, Signal, evaluate, next_evaluation, reason::reason},
};

/// Customers scored in one go; bounds memory.
const AT_ONCE: usize = 2_048;

/// Scores these customers as of `now`. Stores what changed, and posts an event for each score that moved; answers how
/// many did. The connections of the customers are locked by the caller.
pub(super) async fn rescore(
    db: &mut PgConnection,
    customers: &[(ConnectionId, CustomerId)],
    trigger: Trigger,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut connections: Vec<_> = customers
        .iter()
        .map(|(connection, _)| *connection)
        .collect();
    connections.sort_unstable();
    connections.dedup();
    let configurations = configurations::of_connections(db, &connections).await?;
    let round = Round {
        configurations,
        trigger,
        now,
    };
    let mut moved = 0;
    for customers in customers.chunks(AT_ONCE) {
        moved += round.rescore(db, customers).await?;
    }
    let labels = [("trigger", trigger.as_str())];
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    metrics::counter!("harken_scoring_evaluations_total", &labels)
        .increment(count(customers.len()));
    metrics::counter!("harken_scoring_scores_moved_total", &labels).increment(count(moved));
    Ok(moved)
}

/// What scoring needs beside the customers.
struct Round {
    configurations: Configurations,
    trigger: Trigger,
    now: DateTime<Utc>,
}

/// A score to be stored.
struct Verdict {
    new: NewScore,
    /// `None`: the same points from other inputs.
    shift: Option<Shift>,
}

/// How a score moved.
struct Shift {
    /// `None` at the first evaluation.
    previous: Option<(Option<Points>, Option<RiskLevel>)>,
    reason: String,
}

impl Round {
    async fn rescore(
        &self,
        db: &mut PgConnection,
        customers: &[(ConnectionId, CustomerId)],
    ) -> Result<usize, StoreError> {
        let standings = standings::standing(db, customers, &self.configurations).await?;
        let (known, gone): (Vec<_>, Vec<_>) = standings
            .into_iter()
            .partition(|standing| standing.customer.profile.is_some());
        let ids: Vec<_> = known
            .iter()
            .map(|it| (it.customer.connection, it.customer.id))
            .collect();
        let mut conversations = facts::conversations(db, &ids).await?;
        let verdicts = known.into_iter().filter_map(|standing| {
            let signals = conversations
                .remove(&standing.customer.id)
                .unwrap_or_default();
            self.judge(standing, signals)
        });
        let mut verdicts: Vec<_> = verdicts.collect();
        let leavers = leave(db, gone).await?;
        let moves = self.tell_moves(db, &mut verdicts, leavers).await?;
        scores::remember(db, &history(&verdicts)).await?;
        let new: Vec<_> = verdicts.into_iter().map(|verdict| verdict.new).collect();
        scores::replace(db, &new).await?;
        score_changed::post(db, &moves).await?;
        Ok(moves.len())
    }

    /// A customer's new score; none where nobody would see a difference.
    fn judge(&self, standing: Standing, conversations: Vec<Signal>) -> Option<Verdict> {
        let Standing {
            customer,
            score: before,
        } = standing;
        let configuration = self.configurations.of(customer.organization);
        let profile = customer.profile?;
        let facts = Facts {
            last_seen_at: profile.last_seen_at,
            last_replied_at: profile.last_replied_at,
            conversations,
        };
        let evaluation = evaluate(&facts.inputs_at(self.now), configuration);
        let was = before.as_ref().map(|score| &score.evaluation);
        let (has_moved, is_still_blank) = match was {
            Some(was) => (
                (was.points, was.level, was.configuration_version)
                    != (
                        evaluation.points,
                        evaluation.level,
                        evaluation.configuration_version,
                    ),
                was.inputs.conversations == 0 && evaluation.inputs.conversations == 0,
            ),
            None => (evaluation.points.is_some(), false),
        };
        if is_still_blank {
            return None;
        }
        let shift = has_moved.then(|| Shift {
            previous: was.map(|was| (was.points, was.level)),
            reason: reason(was, &evaluation, configuration),
        });
        Some(Verdict {
            shift,
            new: NewScore {
                organization: customer.organization,
                connection: customer.connection,
                customer: customer.id,
                next_evaluation_at: next_evaluation(&facts, configuration, self.now),
                score: Score {
                    evaluation,
                    as_of: self.now,
                    trigger: self.trigger,
                    revision: before.map_or_else(Revision::default, |score| score.revision),
                },
            },
        })
    }

    /// Gives each score that moved its revision, and says how it moved.
    async fn tell_moves(
        &self,
        db: &mut PgConnection,
        verdicts: &mut [Verdict],
        leavers: Vec<(Customer, Score)>,
    ) -> Result<Vec<Move>, StoreError> {
        let shifted: Vec<_> = verdicts
            .iter_mut()
            .filter_map(|Verdict { new, shift }| Some((new, shift.as_ref()?)))
            .collect();
        let count = shifted.len() + leavers.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut revisions = scores::next_revisions(db, count).await?.into_iter();
        let mut moves = Vec::with_capacity(count);
        for ((new, shift), revision) in shifted.into_iter().zip(revisions.by_ref()) {
            new.score.revision = revision;
            moves.push(Move {
                organization: new.organization,
                connection: new.connection,
                customer: new.customer,
                points: new.score.evaluation.points,
                level: new.score.evaluation.level,
                previous: shift.previous,
                reason: shift.reason.clone(),
                revision,
                evaluated_at: self.now,
            });
        }
        for ((customer, before), revision) in leavers.into_iter().zip(revisions) {
            moves.push(Move {
                organization: customer.organization,
                connection: customer.connection,
                customer: customer.id,
                points: None,
                level: None,
                previous: Some((before.evaluation.points, before.evaluation.level)),
                reason: "the contact is no customer any more".to_owned(),
                revision,
                evaluated_at: self.now,
            });
        }
        Ok(moves)
    }
}

/// Takes the scores of those who are no customers any more; answers those who had points.
async fn leave(
    db: &mut PgConnection,
    gone: Vec<Standing>,
) -> Result<Vec<(Customer, Score)>, StoreError> {
    let scored: Vec<_> = gone
        .into_iter()
        .filter_map(|standing| Some((standing.customer, standing.score?)))
        .collect();
    let ids: Vec<_> = scored
        .iter()
        .map(|(customer, _)| (customer.organization, customer.id))
        .collect();
    scores::erase(db, &ids).await?;
    Ok(scored
        .into_iter()
        .filter(|(_, score)| score.evaluation.points.is_some())
        .collect())
}

/// The scores that moved, each with why.
fn history(verdicts: &[Verdict]) -> Vec<(&NewScore, &str)> {
    verdicts
        .iter()
        .filter_map(|Verdict { new, shift }| Some((new, shift.as_ref()?.reason.as_str())))
        .collect()
}
