use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, OrganizationId, Points, Revision};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    configurations::Configurations,
    customers::{Customer, Profile},
    error::StoreError,
    scores::{Score, Trigger},
};
use crate::rules::{Configuration, Evaluation, FactorScore, Inputs, PerFactor, evaluate};

// Rows are looked up one by one by their key (`OFFSET 0` keeps it so): a join of everything an organization has is what the
// planner chooses while a backfill outruns its statistics.

const TABLE: &str = "scoring.scores";

/// A contact and its score; customers always have one, others never.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) customer: Customer,
    pub(crate) score: Option<Score>,
}

struct Row {
    organization_id: Uuid,
    connection_id: Uuid,
    customer_id: Uuid,
    external_id: String,
    customer_revision: i64,
    is_customer: bool,
    contact_role: String,
    name: Option<String>,
    email: Option<String>,
    last_seen_at: Option<DateTime<Utc>>,
    last_replied_at: Option<DateTime<Utc>>,
    points: Option<i16>,
    raw: Option<f64>,
    coverage: Option<f64>,
    inputs: Option<Json<Inputs>>,
    factors: Option<Json<PerFactor<FactorScore>>>,
    configuration_version: Option<i32>,
    as_of: Option<DateTime<Utc>>,
    trigger: Option<String>,
    revision: Option<i64>,
    level: Option<String>,
    next_revision: Option<i64>,
}

impl Row {
    fn standing(self, configuration: &Configuration) -> Result<Standing, StoreError> {
        let score = self.score(configuration)?;
        Ok(Standing {
            customer: Customer {
                organization: OrganizationId::from_uuid(self.organization_id),
                connection: ConnectionId::from_uuid(self.connection_id),
                id: CustomerId::from_uuid(self.customer_id),
                external_id: self.external_id,
                revision: Revision(self.customer_revision),
                profile: self.is_customer.then_some(Profile {
                    contact_role: self.contact_role,
                    name: self.name,
                    email: self.email,
                    last_seen_at: self.last_seen_at,
                    last_replied_at: self.last_replied_at,
                }),
            },
            score,
        })
    }

    fn score(&self, configuration: &Configuration) -> Result<Option<Score>, StoreError> {
        let (Some(as_of), Some(revision), Some(trigger)) =
            (self.as_of, self.revision, &self.trigger)
        else {
            return Ok(None);
        };
        let trigger =
            Trigger::parse(trigger).ok_or_else(|| StoreError::inconsistent(TABLE, "trigger"))?;
        Ok(Some(Score {
            evaluation: self.evaluation(configuration)?,
            as_of,
            trigger,
            revision: Revision(revision),
        }))
    }

    fn evaluation(&self, configuration: &Configuration) -> Result<Evaluation, StoreError> {
        let (Some(Json(inputs)), Some(Json(factors))) = (&self.inputs, &self.factors) else {
            return Ok(evaluate(&Inputs::default(), configuration));
        };
        let points = self
            .points
            .map(|points| Points::try_from(i64::from(points)))
            .transpose();
        let level = self.level.as_deref().map(str::parse).transpose();
        let version = u32::try_from(self.configuration_version.unwrap_or_default());
        Ok(Evaluation {
            inputs: *inputs,
            configuration_version: version
                .map_err(|_| StoreError::inconsistent(TABLE, "configuration_version"))?,
            points: points.map_err(|_| StoreError::inconsistent(TABLE, "points"))?,
            level: level.map_err(|_| StoreError::inconsistent(TABLE, "level"))?,
            raw: self.raw,
            coverage: self.coverage.unwrap_or_default(),
            factors: *factors,
        })
    }
}

/// Customers of an organization with their scores, in the order of `customers`; unknown ones and those of other
/// organizations are left out.
pub(crate) async fn read(
    db: &mut PgConnection,
    organization: OrganizationId,
    customers: &[CustomerId],
    configuration: &Configuration,
) -> Result<Vec<Standing>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.organization_id, c.connection_id, c.customer_id, c.external_id, c.revision AS customer_revision,
             c.is_customer, c.contact_role, c.name, c.email, c.last_seen_at, c.last_replied_at, s.points, s.raw,
             s.coverage AS "coverage?", s.inputs AS "inputs: Json<Inputs>",
             s.factors AS "factors: Json<PerFactor<FactorScore>>", s.configuration_version AS "configuration_version?",
             s.as_of AS "as_of?", s.trigger AS "trigger?", s.revision AS "revision?", s.level,
             NULL::bigint AS next_revision
         FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (customer_id, place)
         CROSS JOIN LATERAL (
             SELECT * FROM scoring.customers AS c
             WHERE c.organization_id = $1 AND c.customer_id = asked.customer_id OFFSET 0) AS c
         CROSS JOIN LATERAL (
             SELECT * FROM scoring.scores AS s
             WHERE s.organization_id = $1 AND s.customer_id = asked.customer_id OFFSET 0) AS s
         WHERE c.is_customer
         ORDER BY asked.place"#,
        organization.as_uuid(),
        &customers.iter().map(CustomerId::as_uuid).collect::<Vec<_>>(),
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| row.standing(configuration))
        .collect()
}

/// Contacts of any organization with their scores, by customer; those never heard of are left out; each with the
/// revision that its score takes if it moves. The connections are locked by the caller.
pub(crate) async fn standing(
    db: &mut PgConnection,
    customers: &[(ConnectionId, CustomerId)],
    configurations: &Configurations,
) -> Result<Vec<(Standing, Revision)>, StoreError> {
    let (connections, ids): (Vec<Uuid>, Vec<Uuid>) = customers
        .iter()
        .map(|(connection, customer)| (connection.as_uuid(), customer.as_uuid()))
        .unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.organization_id, c.connection_id, c.customer_id, c.external_id, c.revision AS customer_revision,
             c.is_customer, c.contact_role, c.name, c.email, c.last_seen_at, c.last_replied_at, s.points, s.raw,
             s.coverage AS "coverage?", s.inputs AS "inputs: Json<Inputs>",
             s.factors AS "factors: Json<PerFactor<FactorScore>>", s.configuration_version AS "configuration_version?",
             s.as_of AS "as_of?", s.trigger AS "trigger?", s.revision AS "revision?", s.level,
             nextval('scoring.score_revisions') AS next_revision
         FROM unnest($1::uuid[], $2::uuid[]) AS asked (connection_id, customer_id)
         JOIN scoring.connections AS k USING (connection_id)
         CROSS JOIN LATERAL (
             SELECT * FROM scoring.customers AS c
             WHERE c.organization_id = k.organization_id AND c.customer_id = asked.customer_id OFFSET 0) AS c
         LEFT JOIN LATERAL (
             SELECT * FROM scoring.scores AS s
             WHERE s.organization_id = k.organization_id AND s.customer_id = asked.customer_id OFFSET 0) AS s ON true
         ORDER BY c.customer_id"#,
        &connections,
        &ids,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let organization = OrganizationId::from_uuid(row.organization_id);
            let next = Revision(row.next_revision.unwrap_or_default());
            Ok((row.standing(configurations.of(organization))?, next))
        })
        .collect()
}
