use harken_domain::RunId;
use sqlx::PgConnection;

use crate::rules::counts::Kind;

/// What a gap is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GapKind {
    Conversation,
    Contact,
    /// Parts that Intercom does not give.
    Parts,
    /// Everything that a list names.
    List(Kind),
}

impl GapKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Contact => "contact",
            Self::Parts => "parts",
            Self::List(kind) => kind.as_str(),
        }
    }
}

/// Something that a run could not get.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub(crate) kind: GapKind,
    pub(crate) external_id: String,
    pub(crate) reason: String,
}

/// A gap as it is read.
#[derive(Clone, Debug)]
pub(crate) struct GapRow {
    pub(crate) sequence: i64,
    pub(crate) kind: String,
    pub(crate) external_id: String,
    pub(crate) reason: String,
}

/// Notes gaps; how many were not known.
pub(crate) async fn append(
    store: &mut PgConnection,
    run: RunId,
    gaps: &[Gap],
) -> Result<u64, sqlx::Error> {
    if gaps.is_empty() {
        return Ok(0);
    }
    let kinds: Vec<&str> = gaps.iter().map(|gap| gap.kind.as_str()).collect();
    let external_ids: Vec<&str> = gaps.iter().map(|gap| gap.external_id.as_str()).collect();
    let reasons: Vec<&str> = gaps.iter().map(|gap| gap.reason.as_str()).collect();
    let written = sqlx::query!(
        "INSERT INTO sync.gaps (run_id, kind, external_id, reason)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])
         ON CONFLICT DO NOTHING",
        run.as_uuid(),
        &kinds as &[&str],
        &external_ids as &[&str],
        &reasons as &[&str],
    )
    .execute(store)
    .await?;
    Ok(written.rows_affected())
}

/// Gaps after `after`, in the order of discovery.
pub(crate) async fn list(
    store: &mut PgConnection,
    run: RunId,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<GapRow>, sqlx::Error> {
    sqlx::query_as!(
        GapRow,
        "SELECT sequence, kind, external_id, reason FROM sync.gaps
         WHERE run_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        run.as_uuid(),
        after.unwrap_or(i64::MIN),
        limit,
    )
    .fetch_all(store)
    .await
}
