use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, OrganizationId};
use sqlx::{Error, PgConnection};

use crate::rules::tally::{Counts, Marks, Tallied};

/// What is known of how notifications of a connection arrive.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    pub(crate) hours: Vec<(DateTime<Utc>, Counts)>,
    pub(crate) marks: Marks,
}

/// Adds what was counted to what is known, all or none, but of connections of which nothing is kept any more.
pub(crate) async fn add(postgres: &mut PgConnection, tallied: &[Tallied]) -> Result<(), Error> {
    add_hours(postgres, tallied).await?;
    add_marks(postgres, tallied).await
}

async fn add_hours(postgres: &mut PgConnection, tallied: &[Tallied]) -> Result<(), Error> {
    let hours = || {
        tallied
            .iter()
            .flat_map(|one| one.hours.iter().map(move |hour| (one, hour)))
    };
    let counts = |pick: fn(&Counts) -> u64| -> Vec<i64> {
        hours()
            .map(|(_, (_, counts))| i64::try_from(pick(counts)).unwrap_or(i64::MAX))
            .collect()
    };
    let connections: Vec<_> = hours().map(|(one, _)| one.connection.as_uuid()).collect();
    let organizations: Vec<_> = hours().map(|(one, _)| one.organization.as_uuid()).collect();
    let begins: Vec<_> = hours().map(|(_, (hour, _))| *hour).collect();
    sqlx::query!(
        "INSERT INTO ingress.delivery_hours AS known
             (connection_id, organization_id, hour, streamed, spooled, quarantined, pings, refused)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::timestamptz[],
                              $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
             AS rows (connection_id, organization_id, hour, streamed, spooled, quarantined, pings, refused)
         WHERE NOT EXISTS (SELECT FROM ingress.erasures AS e WHERE e.connection_id = rows.connection_id)
         ON CONFLICT (connection_id, hour) DO UPDATE SET
             streamed = known.streamed + excluded.streamed,
             spooled = known.spooled + excluded.spooled,
             quarantined = known.quarantined + excluded.quarantined,
             pings = known.pings + excluded.pings,
             refused = known.refused + excluded.refused",
        &connections,
        &organizations,
        &begins,
        &counts(|counts| counts.streamed),
        &counts(|counts| counts.spooled),
        &counts(|counts| counts.quarantined),
        &counts(|counts| counts.pings),
        &counts(|counts| counts.refused),
    )
    .execute(postgres)
    .await
    .map(drop)
}

async fn add_marks(postgres: &mut PgConnection, tallied: &[Tallied]) -> Result<(), Error> {
    let moments = |pick: fn(&Marks) -> Option<DateTime<Utc>>| -> Vec<Option<DateTime<Utc>>> {
        tallied.iter().map(|one| pick(&one.marks)).collect()
    };
    let connections: Vec<_> = tallied.iter().map(|one| one.connection.as_uuid()).collect();
    let organizations: Vec<_> = tallied
        .iter()
        .map(|one| one.organization.as_uuid())
        .collect();
    let reasons: Vec<Option<String>> = tallied
        .iter()
        .map(|one| one.marks.last_failure.map(|(_, reason)| reason.to_string()))
        .collect();
    sqlx::query!(
        "INSERT INTO ingress.delivery_marks AS known
             (connection_id, organization_id, last_heard_at, last_delivery_at,
              last_failure_at, last_failure_reason, old_secret_last_used_at)
         SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[],
                              $5::timestamptz[], $6::text[], $7::timestamptz[])
             AS rows (connection_id, organization_id, last_heard_at, last_delivery_at,
                      last_failure_at, last_failure_reason, old_secret_last_used_at)
         WHERE NOT EXISTS (SELECT FROM ingress.erasures AS e WHERE e.connection_id = rows.connection_id)
         ON CONFLICT (connection_id) DO UPDATE SET
             last_heard_at = greatest(known.last_heard_at, excluded.last_heard_at),
             last_delivery_at = greatest(known.last_delivery_at, excluded.last_delivery_at),
             last_failure_reason = CASE
                 WHEN known.last_failure_at > excluded.last_failure_at OR excluded.last_failure_at IS NULL
                 THEN known.last_failure_reason ELSE excluded.last_failure_reason END,
             last_failure_at = greatest(known.last_failure_at, excluded.last_failure_at),
             old_secret_last_used_at = greatest(known.old_secret_last_used_at, excluded.old_secret_last_used_at)",
        &connections,
        &organizations,
        &moments(|marks| marks.last_heard_at) as &[Option<DateTime<Utc>>],
        &moments(|marks| marks.last_delivery_at) as &[Option<DateTime<Utc>>],
        &moments(|marks| marks.last_failure.map(|(at, _)| at)) as &[Option<DateTime<Utc>>],
        &reasons as &[Option<String>],
        &moments(|marks| marks.old_secret_last_used_at) as &[Option<DateTime<Utc>>],
    )
    .execute(postgres)
    .await
    .map(drop)
}

/// What is known of a connection of the organization, with the hours since `since`; none if nothing is.
pub(crate) async fn of_connection(
    postgres: &mut PgConnection,
    organization: OrganizationId,
    connection: ConnectionId,
    since: DateTime<Utc>,
) -> Result<Option<Deliveries>, Error> {
    let marks = sqlx::query!(
        "SELECT last_heard_at, last_delivery_at, last_failure_at, last_failure_reason, old_secret_last_used_at
         FROM ingress.delivery_marks WHERE connection_id = $1 AND organization_id = $2",
        connection.as_uuid(),
        organization.as_uuid(),
    )
    .fetch_optional(&mut *postgres)
    .await?;
    let Some(marks) = marks else {
        return Ok(None);
    };
    let hours = sqlx::query!(
        "SELECT hour, streamed, spooled, quarantined, pings, refused
         FROM ingress.delivery_hours
         WHERE connection_id = $1 AND organization_id = $2 AND hour >= $3 ORDER BY hour",
        connection.as_uuid(),
        organization.as_uuid(),
        since,
    )
    .fetch_all(&mut *postgres)
    .await?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(Some(Deliveries {
        hours: hours
            .into_iter()
            .map(|row| {
                let counts = Counts {
                    streamed: count(row.streamed),
                    spooled: count(row.spooled),
                    quarantined: count(row.quarantined),
                    pings: count(row.pings),
                    refused: count(row.refused),
                };
                (row.hour, counts)
            })
            .collect(),
        marks: Marks {
            last_heard_at: marks.last_heard_at,
            last_delivery_at: marks.last_delivery_at,
            last_failure: marks
                .last_failure_at
                .zip(marks.last_failure_reason.and_then(|word| word.parse().ok())),
            old_secret_last_used_at: marks.old_secret_last_used_at,
        },
    }))
}

/// Forgets hours before `moment`.
pub(crate) async fn forget_before(
    postgres: &mut PgConnection,
    moment: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM ingress.delivery_hours WHERE hour < $1", moment)
        .execute(postgres)
        .await
        .map(drop)
}
