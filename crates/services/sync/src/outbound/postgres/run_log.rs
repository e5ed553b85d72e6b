use chrono::{DateTime, Utc};
use harken_domain::RunId;
use sqlx::PgConnection;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One line of a run's log, without content or personal data.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: DateTime<Utc>,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
}

/// A line as it is read.
#[derive(Clone, Debug)]
pub(crate) struct LineRow {
    pub(crate) sequence: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) severity: String,
    pub(crate) message: String,
    pub(crate) intercom_request_id: String,
}

/// Writes lines behind those that are there.
pub(crate) async fn append(
    store: &mut PgConnection,
    run: RunId,
    lines: &[Line],
) -> Result<(), sqlx::Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let at: Vec<DateTime<Utc>> = lines.iter().map(|line| line.at).collect();
    let severities: Vec<&str> = lines.iter().map(|line| line.severity.as_str()).collect();
    let messages: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
    let requests: Vec<&str> = lines
        .iter()
        .map(|line| line.request_id.as_deref().unwrap_or(""))
        .collect();
    sqlx::query!(
        "WITH place AS (
             UPDATE sync.runs SET log_sequence = log_sequence + cardinality($2::timestamptz[])
             WHERE run_id = $1 RETURNING log_sequence - cardinality($2::timestamptz[]) AS before)
         INSERT INTO sync.run_log (run_id, sequence, at, severity, message, intercom_request_id)
         SELECT $1, place.before + number, at, severity, message, request
         FROM place, unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
              AS lines (at, severity, message, request, number)",
        run.as_uuid(),
        &at,
        &severities as &[&str],
        &messages as &[&str],
        &requests as &[&str],
    )
    .execute(store)
    .await?;
    Ok(())
}

/// Which lines are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter<'a> {
    /// Part of a message, any case; empty for all.
    pub(crate) query: &'a str,
    /// Empty for all.
    pub(crate) severity: &'a str,
}

/// Lines before `before`, newest first.
pub(crate) async fn list(
    store: &mut PgConnection,
    run: RunId,
    filter: Filter<'_>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<LineRow>, sqlx::Error> {
    sqlx::query_as!(
        LineRow,
        "SELECT sequence, at, severity, message, intercom_request_id FROM sync.run_log
         WHERE run_id = $1 AND sequence < $2 AND ($3 = '' OR severity = $3)
           AND ($4 = '' OR position(lower($4) IN lower(message)) > 0 OR intercom_request_id = $4)
         ORDER BY sequence DESC LIMIT $5",
        run.as_uuid(),
        before.unwrap_or(i64::MAX),
        filter.severity,
        filter.query,
        limit,
    )
    .fetch_all(store)
    .await
}

/// How many lines there are.
pub(crate) async fn count(
    store: &mut PgConnection,
    run: RunId,
    filter: Filter<'_>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sync.run_log
           WHERE run_id = $1 AND ($2 = '' OR severity = $2)
             AND ($3 = '' OR position(lower($3) IN lower(message)) > 0 OR intercom_request_id = $3)"#,
        run.as_uuid(),
        filter.severity,
        filter.query,
    )
    .fetch_one(store)
    .await
}
