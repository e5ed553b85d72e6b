use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, OrganizationId, Revision, RiskLevel};
use sqlx::{PgConnection, types::Json};

use crate::rules::{Cause, Evaluation, FactorScore, Inputs, PerFactor};

/// Why a score was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    RecordChanged,
    TimePassed,
}

impl Trigger {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RecordChanged => "record_changed",
            Self::TimePassed => "time_passed",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::RecordChanged, Self::TimePassed]
            .into_iter()
            .find(|trigger| trigger.as_str() == text)
    }
}

/// A score as it stands in the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) evaluation: Evaluation,
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) trigger: Trigger,
    pub(crate) revision: Revision,
}

/// A score on its way into the store.
#[derive(Clone, Debug)]
pub(crate) struct NewScore {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) customer: CustomerId,
    pub(crate) score: Score,
    /// When time alone may have moved it.
    pub(crate) next_evaluation_at: Option<DateTime<Utc>>,
}

/// A score to be stored; one that moved also goes into the history, with what moved it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) new: &'a NewScore,
    pub(crate) reason: Option<&'a str>,
    pub(crate) cause: Option<Cause>,
}

/// Puts these scores in the place of what was there, and adds those that moved to the history.
pub(crate) async fn replace(
    db: &mut PgConnection,
    entries: &[Entry<'_>],
) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(entries.iter().map(|entry| &entry.new.score));
    let news = || entries.iter().map(|entry| entry.new);
    sqlx::query!(
        "WITH new AS MATERIALIZED (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[], $6::float8[],
                 $7::float8[], $8::jsonb[], $9::jsonb[], $10::integer[], $11::timestamptz[], $12::text[], $13::bigint[],
                 $14::timestamptz[], $15::text[], $16::text[])
               AS new (organization_id, connection_id, customer_id, points, level, raw, coverage, inputs, factors,
                 configuration_version, as_of, trigger, revision, next_evaluation_at, reason, cause)),
         kept AS (
             INSERT INTO scoring.score_history (organization_id, connection_id, customer_id, points, level, raw, coverage,
                 inputs, factors, configuration_version, as_of, trigger, revision, reason, cause)
             SELECT organization_id, connection_id, customer_id, points, level, raw, coverage, inputs, factors,
                 configuration_version, as_of, trigger, revision, reason, cause
             FROM new WHERE reason IS NOT NULL)
         INSERT INTO scoring.scores (organization_id, connection_id, customer_id, points, level, raw, coverage, inputs,
             factors, configuration_version, as_of, trigger, revision, next_evaluation_at)
         SELECT organization_id, connection_id, customer_id, points, level, raw, coverage, inputs,
             factors, configuration_version, as_of, trigger, revision, next_evaluation_at FROM new
         ON CONFLICT (organization_id, customer_id) DO UPDATE
         SET points = EXCLUDED.points, level = EXCLUDED.level, raw = EXCLUDED.raw, coverage = EXCLUDED.coverage,
             inputs = EXCLUDED.inputs, factors = EXCLUDED.factors,
             configuration_version = EXCLUDED.configuration_version, as_of = EXCLUDED.as_of,
             trigger = EXCLUDED.trigger, revision = EXCLUDED.revision,
             next_evaluation_at = EXCLUDED.next_evaluation_at",
        &news().map(|new| new.organization.as_uuid()).collect::<Vec<_>>(),
        &news().map(|new| new.connection.as_uuid()).collect::<Vec<_>>(),
        &news().map(|new| new.customer.as_uuid()).collect::<Vec<_>>(),
        &columns.points as &[Option<i16>],
        &columns.levels as &[Option<&str>],
        &columns.raws as &[Option<f64>],
        &columns.coverages,
        &columns.inputs as &[Option<Json<Inputs>>],
        &columns.factors as &[Option<Json<PerFactor<FactorScore>>>],
        &columns.configuration_versions,
        &columns.as_of,
        &columns.triggers as &[&str],
        &columns.revisions,
        &news().map(|new| new.next_evaluation_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &entries.iter().map(|entry| entry.reason).collect::<Vec<_>>() as &[Option<&str>],
        &entries.iter().map(|entry| entry.cause.map(Cause::as_str)).collect::<Vec<_>>() as &[Option<&str>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A score that goes because its contact is no customer any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaver<'a> {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) customer: CustomerId,
    /// Only of one that had points; it ends the history.
    pub(crate) revision: Option<Revision>,
    pub(crate) reason: &'a str,
    pub(crate) cause: Option<Cause>,
}

/// Takes scores away. The history stays, and tells of the end of those that had points.
pub(crate) async fn withdraw(
    db: &mut PgConnection,
    leavers: &[Leaver<'_>],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if leavers.is_empty() {
        return Ok(());
    }
    let revisions: Vec<_> = leavers
        .iter()
        .map(|it| it.revision.map(|revision| revision.0))
        .collect();
    sqlx::query!(
        "WITH gone AS MATERIALIZED (
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[])
               AS gone (organization_id, connection_id, customer_id, revision, reason, cause)),
         kept AS (
             INSERT INTO scoring.score_history (organization_id, connection_id, customer_id, coverage,
                 configuration_version, as_of, trigger, revision, reason, cause)
             SELECT organization_id, connection_id, customer_id, 0, 0, $7, 'record_changed', revision, reason, cause
             FROM gone WHERE revision IS NOT NULL)
         DELETE FROM scoring.scores AS s USING gone
         WHERE s.organization_id = gone.organization_id AND s.customer_id = gone.customer_id",
        &leavers.iter().map(|it| it.organization.as_uuid()).collect::<Vec<_>>(),
        &leavers.iter().map(|it| it.connection.as_uuid()).collect::<Vec<_>>(),
        &leavers.iter().map(|it| it.customer.as_uuid()).collect::<Vec<_>>(),
        &revisions as &[Option<i64>],
        &leavers.iter().map(|it| it.reason).collect::<Vec<_>>() as &[&str],
        &leavers.iter().map(|it| it.cause.map(Cause::as_str)).collect::<Vec<_>>() as &[Option<&str>],
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The columns that current scores and history share.
#[derive(Default)]
struct Columns {
    points: Vec<Option<i16>>,
    levels: Vec<Option<&'static str>>,
    raws: Vec<Option<f64>>,
    coverages: Vec<f64>,
    inputs: Vec<Option<Json<Inputs>>>,
    factors: Vec<Option<Json<PerFactor<FactorScore>>>>,
    configuration_versions: Vec<i32>,
    as_of: Vec<DateTime<Utc>>,
    triggers: Vec<&'static str>,
    revisions: Vec<i64>,
}

impl Columns {
    fn of<'a>(scores: impl Iterator<Item = &'a Score>) -> Self {
        let mut columns = Self::default();
        for score in scores {
            let evaluation = &score.evaluation;
            let is_judged = evaluation.inputs.conversations > 0;
            columns
                .points
                .push(evaluation.points.map(|points| i16::from(points.get())));
            columns.levels.push(evaluation.level.map(RiskLevel::as_str));
            columns.raws.push(evaluation.raw);
            columns.coverages.push(evaluation.coverage);
            columns
                .inputs
                .push(is_judged.then_some(Json(evaluation.inputs)));
            columns
                .factors
                .push(is_judged.then_some(Json(evaluation.factors)));
            let version = i32::try_from(evaluation.configuration_version).unwrap_or(i32::MAX);
            columns.configuration_versions.push(version);
            columns.as_of.push(score.as_of);
            columns.triggers.push(score.trigger.as_str());
            columns.revisions.push(score.revision.0);
        }
        columns
    }
}

/// Customers of a connection whose score is due, the longest overdue first.
pub(crate) async fn due(
    db: &mut PgConnection,
    connection: ConnectionId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    let due = sqlx::query_scalar!(
        "SELECT customer_id FROM scoring.scores
         WHERE connection_id = $1 AND next_evaluation_at <= $2
         ORDER BY next_evaluation_at LIMIT $3",
        connection.as_uuid(),
        now,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(due.into_iter().map(CustomerId::from_uuid).collect())
}
