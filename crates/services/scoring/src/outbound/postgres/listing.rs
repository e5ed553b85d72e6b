use chrono::{DateTime, Utc};
use harken_domain::{ConnectionId, CustomerId, OrganizationId, RiskLevel};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

/// Which scores a list holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Filter {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: Option<ConnectionId>,
    /// Words of levels, [`NOT_APPLICABLE`] among them; empty for all.
    pub(crate) levels: Vec<&'static str>,
    /// A part of name or address, any case.
    pub(crate) text: Option<String>,
}

/// The word for scores without a level.
pub(crate) const NOT_APPLICABLE: &str = "not_applicable";

impl Filter {
    /// The part as a pattern, its own signs taken literally.
    fn pattern(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        let mut pattern = String::with_capacity(text.len() + 2);
        pattern.push('%');
        for sign in text.chars() {
            if matches!(sign, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(sign);
        }
        pattern.push('%');
        Some(pattern)
    }
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Order {
    PointsAscending,
    PointsDescending,
    Name,
    LastSeen,
}

/// Where a slice ended. Holds no name: it travels in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) customer: CustomerId,
    pub(crate) points: Option<u8>,
    pub(crate) last_seen_at: Option<DateTime<Utc>>,
    /// Counted once, for the first slice.
    pub(crate) total: u64,
}

/// The customers of one slice in order, at most `limit`.
pub(crate) async fn slice(
    db: &mut PgConnection,
    filter: &Filter,
    order: Order,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    let slice = Slice {
        filter,
        after,
        limit: i64::from(limit),
        pattern: filter.pattern(),
    };
    let found = match order {
        Order::PointsAscending => slice.by_points_ascending(db).await?,
        Order::PointsDescending => slice.by_points_descending(db).await?,
        Order::Name => slice.by_name(db).await?,
        Order::LastSeen => slice.by_last_seen(db).await?,
    };
    Ok(found.into_iter().map(CustomerId::from_uuid).collect())
}

struct Slice<'a> {
    filter: &'a Filter,
    after: Option<Position>,
    limit: i64,
    pattern: Option<String>,
}

impl Slice<'_> {
    async fn by_points_ascending(
        &self,
        db: &mut PgConnection,
    ) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
        sqlx::query_scalar!(
            "SELECT s.customer_id FROM scoring.scores AS s
             WHERE s.organization_id = $1 AND ($2::uuid IS NULL OR s.connection_id = $2)
               AND ($3::text[] = '{}' OR coalesce(s.level, 'not_applicable') = ANY ($3))
               AND ($4::text IS NULL OR EXISTS (
                   SELECT FROM scoring.customers AS c
                   WHERE c.organization_id = $1 AND c.customer_id = s.customer_id AND c.is_customer
                     AND c.search_text LIKE lower($4)))
               AND ($5::uuid IS NULL OR (coalesce(s.points, 101), s.customer_id) > (coalesce($6::smallint, 101), $5))
             ORDER BY coalesce(s.points, 101), s.customer_id LIMIT $7",
            self.filter.organization.as_uuid(),
            self.filter.connection.map(|id| id.as_uuid()),
            &self.filter.levels as &[&str],
            self.pattern,
            self.after.map(|after| after.customer.as_uuid()),
            self.after.and_then(|after| after.points).map(i16::from),
            self.limit,
        )
        .fetch_all(db)
        .await
    }

    async fn by_points_descending(
        &self,
        db: &mut PgConnection,
    ) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
        sqlx::query_scalar!(
            "SELECT s.customer_id FROM scoring.scores AS s
             WHERE s.organization_id = $1 AND ($2::uuid IS NULL OR s.connection_id = $2)
               AND ($3::text[] = '{}' OR coalesce(s.level, 'not_applicable') = ANY ($3))
               AND ($4::text IS NULL OR EXISTS (
                   SELECT FROM scoring.customers AS c
                   WHERE c.organization_id = $1 AND c.customer_id = s.customer_id AND c.is_customer
                     AND c.search_text LIKE lower($4)))
               AND ($5::uuid IS NULL OR (coalesce(s.points, -1), s.customer_id) < (coalesce($6::smallint, -1), $5))
             ORDER BY coalesce(s.points, -1) DESC, s.customer_id DESC LIMIT $7",
            self.filter.organization.as_uuid(),
            self.filter.connection.map(|id| id.as_uuid()),
            &self.filter.levels as &[&str],
            self.pattern,
            self.after.map(|after| after.customer.as_uuid()),
            self.after.and_then(|after| after.points).map(i16::from),
            self.limit,
        )
        .fetch_all(db)
        .await
    }

    /// Goes on behind the customer where the last slice ended, by the name it has now.
    async fn by_name(&self, db: &mut PgConnection) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
        sqlx::query_scalar!(
            "SELECT c.customer_id FROM scoring.customers AS c
             WHERE c.organization_id = $1 AND c.is_customer AND ($2::uuid IS NULL OR c.connection_id = $2)
               AND ($3::text[] = '{}' OR EXISTS (
                   SELECT FROM scoring.scores AS s
                   WHERE s.organization_id = $1 AND s.customer_id = c.customer_id
                     AND coalesce(s.level, 'not_applicable') = ANY ($3)))
               AND ($4::text IS NULL OR c.search_text LIKE lower($4))
               AND ($5::uuid IS NULL OR (c.sort_key, c.customer_id) > (
                   (SELECT a.sort_key FROM scoring.customers AS a
                    WHERE a.organization_id = $1 AND a.customer_id = $5), $5))
             ORDER BY c.sort_key, c.customer_id LIMIT $6",
            self.filter.organization.as_uuid(),
            self.filter.connection.map(|id| id.as_uuid()),
            &self.filter.levels as &[&str],
            self.pattern,
            self.after.map(|after| after.customer.as_uuid()),
            self.limit,
        )
        .fetch_all(db)
        .await
    }

    async fn by_last_seen(&self, db: &mut PgConnection) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
        sqlx::query_scalar!(
            "SELECT c.customer_id FROM scoring.customers AS c
             WHERE c.organization_id = $1 AND c.is_customer AND ($2::uuid IS NULL OR c.connection_id = $2)
               AND ($3::text[] = '{}' OR EXISTS (
                   SELECT FROM scoring.scores AS s
                   WHERE s.organization_id = $1 AND s.customer_id = c.customer_id
                     AND coalesce(s.level, 'not_applicable') = ANY ($3)))
               AND ($4::text IS NULL OR c.search_text LIKE lower($4))
               AND ($5::uuid IS NULL OR (coalesce(c.last_seen_at, '-infinity'), c.customer_id)
                   < (coalesce($6::timestamptz, '-infinity'), $5))
             ORDER BY coalesce(c.last_seen_at, '-infinity') DESC, c.customer_id DESC LIMIT $7",
            self.filter.organization.as_uuid(),
            self.filter.connection.map(|id| id.as_uuid()),
            &self.filter.levels as &[&str],
            self.pattern,
            self.after.map(|after| after.customer.as_uuid()),
            self.after.and_then(|after| after.last_seen_at),
            self.limit,
        )
        .fetch_all(db)
        .await
    }
}

/// How many scores a list holds over all slices.
pub(crate) async fn count(db: &mut PgConnection, filter: &Filter) -> Result<u64, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM scoring.scores AS s
         WHERE s.organization_id = $1 AND ($2::uuid IS NULL OR s.connection_id = $2)
           AND ($3::text[] = '{}' OR coalesce(s.level, 'not_applicable') = ANY ($3))
           AND ($4::text IS NULL OR EXISTS (
               SELECT FROM scoring.customers AS c
               WHERE c.organization_id = $1 AND c.customer_id = s.customer_id AND c.is_customer
                 AND c.search_text LIKE lower($4)))"#,
        filter.organization.as_uuid(),
        filter.connection.map(|id| id.as_uuid()),
        &filter.levels as &[&str],
        filter.pattern(),
    )
    .fetch_one(db)
    .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// How many customers have each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LevelCounts {
    pub(crate) healthy: u64,
    pub(crate) at_risk: u64,
    pub(crate) critical: u64,
    pub(crate) not_applicable: u64,
}

/// Counts the customers of an organization, or of one connection, by level.
pub(crate) async fn count_levels(
    db: &mut PgConnection,
    organization: OrganizationId,
    connection: Option<ConnectionId>,
) -> Result<LevelCounts, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT level, count(*) AS "count!" FROM scoring.scores
         WHERE organization_id = $1 AND ($2::uuid IS NULL OR connection_id = $2) GROUP BY level"#,
        organization.as_uuid(),
        connection.map(|id| id.as_uuid()),
    )
    .fetch_all(db)
    .await?;
    let mut counts = LevelCounts::default();
    for row in rows {
        let of_level = match row.level.as_deref().map(str::parse) {
            Some(Ok(RiskLevel::Healthy)) => &mut counts.healthy,
            Some(Ok(RiskLevel::AtRisk)) => &mut counts.at_risk,
            Some(Ok(RiskLevel::Critical)) => &mut counts.critical,
            // A check of the table allows no other word.
            None | Some(Err(_)) => &mut counts.not_applicable,
        };
        *of_level += u64::try_from(row.count).unwrap_or_default();
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signs_of_patterns_are_taken_literally() {
        let filter = Filter {
            organization: OrganizationId::derive(&[b"o"]),
            connection: None,
            levels: Vec::new(),
            text: Some(r"50%_a\b".to_owned()),
        };
        assert_eq!(filter.pattern().as_deref(), Some(r"%50\%\_a\\b%"));
    }
}
