use std::collections::HashMap;

use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, Points, Revision, RiskLevel};
use sqlx::PgConnection;

use crate::{
    outbound::{
        events::score_changed::{self, Move},
        postgres::{
            configurations::Configurations,
            customers::Customer,
            error::StoreError,
            facts,
            scores::{self, Entry, Leaver, NewScore, Score, Trigger},
            standings::{self, Standing},
        },
    },
    rules::{Cause, Facts, Occasion, Signal, evaluate, next_evaluation, reason::reason},
};

/// Customers scored in one go; bounds memory.
const AT_ONCE: usize = 2_048;

/// Whom to score anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) connection: ConnectionId,
    pub(super) customer: CustomerId,
    /// What happened; `None` where time passed, or where it is not told.
    pub(super) occasion: Option<Occasion>,
}

/// Scores these customers as of `now`. Stores what changed, and posts an event for each score that moved; answers how
/// many did. The connections of the customers are locked by the caller.
pub(super) async fn rescore(
    db: &mut PgConnection,
    subjects: &[Subject],
    configurations: Configurations,
    trigger: Trigger,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let round = Round {
        configurations,
        trigger,
        now,
    };
    let mut moved = 0;
    for subjects in subjects.chunks(AT_ONCE) {
        moved += round.rescore(db, subjects).await?;
    }
    let labels = [("trigger", trigger.as_str())];
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    metrics::counter!("harken_scoring_evaluations_total", &labels).increment(count(subjects.len()));
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
    cause: Option<Cause>,
}

/// A customer who is none any more, with the score it had.
struct Goner {
    customer: Customer,
    shift: Shift,
    /// Given where there were points to lose.
    revision: Option<Revision>,
}

impl Round {
    async fn rescore(
        &self,
        db: &mut PgConnection,
        subjects: &[Subject],
    ) -> Result<usize, StoreError> {
        let ids: Vec<_> = subjects
            .iter()
            .map(|it| (it.connection, it.customer))
            .collect();
        let occasions: HashMap<_, _> = subjects
            .iter()
            .filter_map(|it| Some((it.customer, it.occasion?)))
            .collect();
        let standings = standings::standing(db, &ids, &self.configurations).await?;
        let (known, gone): (Vec<_>, Vec<_>) = standings
            .into_iter()
            .partition(|(standing, _)| standing.customer.profile.is_some());
        let ids: Vec<_> = known
            .iter()
            .map(|(it, _)| (it.customer.connection, it.customer.id))
            .collect();
        let mut conversations = facts::conversations(db, &ids).await?;
        let verdicts = known.into_iter().filter_map(|(standing, next)| {
            let id = standing.customer.id;
            let signals = conversations.remove(&id).unwrap_or_default();
            let occasion = occasions.get(&id).copied();
            self.judge(standing, signals, occasion)
                .map(|verdict| verdict.numbered(next))
        });
        let verdicts: Vec<_> = verdicts.collect();
        let goners = goners(gone, &occasions);
        let moves: Vec<_> = verdicts
            .iter()
            .filter_map(|verdict| self.moved(verdict))
            .chain(goners.iter().filter_map(|goner| self.left(goner)))
            .collect();
        let leavers: Vec<_> = goners.iter().map(Goner::leaver).collect();
        scores::withdraw(db, &leavers, self.now).await?;
        let entries: Vec<_> = verdicts.iter().map(Verdict::entry).collect();
        scores::replace(db, &entries).await?;
        score_changed::post(db, &moves).await?;
        Ok(moves.len())
    }

    /// A customer's new score; none where nobody would see a difference.
    fn judge(
        &self,
        standing: Standing,
        conversations: Vec<Signal>,
        occasion: Option<Occasion>,
    ) -> Option<Verdict> {
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
            reason: reason(was, &evaluation, configuration, occasion),
            cause: occasion.map(|occasion| occasion.cause),
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

    fn moved(&self, Verdict { new, shift }: &Verdict) -> Option<Move> {
        let shift = shift.as_ref()?;
        Some(Move {
            organization: new.organization,
            connection: new.connection,
            customer: new.customer,
            points: new.score.evaluation.points,
            level: new.score.evaluation.level,
            previous: shift.previous,
            reason: shift.reason.clone(),
            revision: new.score.revision,
            evaluated_at: self.now,
        })
    }

    fn left(&self, goner: &Goner) -> Option<Move> {
        Some(Move {
            organization: goner.customer.organization,
            connection: goner.customer.connection,
            customer: goner.customer.id,
            points: None,
            level: None,
            previous: goner.shift.previous,
            reason: goner.shift.reason.clone(),
            revision: goner.revision?,
            evaluated_at: self.now,
        })
    }
}

impl Verdict {
    /// With its revision: the next one if it moved, the one it had if not.
    fn numbered(mut self, next: Revision) -> Self {
        if self.shift.is_some() {
            self.new.score.revision = next;
        }
        self
    }

    fn entry(&self) -> Entry<'_> {
        Entry {
            new: &self.new,
            reason: self.shift.as_ref().map(|shift| shift.reason.as_str()),
            cause: self.shift.as_ref().and_then(|shift| shift.cause),
        }
    }
}

impl Goner {
    fn leaver(&self) -> Leaver<'_> {
        Leaver {
            organization: self.customer.organization,
            connection: self.customer.connection,
            customer: self.customer.id,
            revision: self.revision,
            reason: &self.shift.reason,
            cause: self.shift.cause,
        }
    }
}

/// Those who had a score and are no customers any more.
fn goners(
    gone: Vec<(Standing, Revision)>,
    occasions: &HashMap<CustomerId, Occasion>,
) -> Vec<Goner> {
    let scored = gone
        .into_iter()
        .filter_map(|(standing, next)| Some((standing.customer, standing.score?, next)));
    scored
        .map(|(customer, before, next)| {
            let cause = occasions.get(&customer.id).map(|occasion| occasion.cause);
            let reason = match cause {
                Some(Cause::ContactDeleted) => "the contact was deleted",
                _ => "the contact is no customer any more",
            };
            let was = &before.evaluation;
            Goner {
                shift: Shift {
                    previous: Some((was.points, was.level)),
                    reason: reason.to_owned(),
                    cause,
                },
                customer,
                revision: was.points.map(|_| next),
            }
        })
        .collect()
}
