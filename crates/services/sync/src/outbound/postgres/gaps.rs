use harken_contracts::subjects::RecordKind;
use harken_domain::{ConnectionId, RunId};
use sqlx::PgConnection;

use super::lacks::Vain;
use crate::rules::{counts::Kind, lacking::Lack};

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
    pub(crate) lack: Lack,
    pub(crate) reason: String,
    /// Intercom's id of the request that failed.
    pub(crate) request_id: Option<String>,
}

impl Gap {
    /// The record that was asked for in vain; none where the gap is none of a single record, or tells by itself.
    pub(crate) fn vain(&self, connection: ConnectionId) -> Option<Vain> {
        let kind = match self.kind {
            GapKind::Conversation => RecordKind::Conversation,
            GapKind::Contact => RecordKind::Contact,
            GapKind::Parts | GapKind::List(_) => return None,
        };
        Some(Vain {
            connection,
            kind,
            external_id: self.external_id.clone(),
            lack: self.lack,
            detail: self.reason.clone(),
            request_id: self.request_id.clone(),
        })
    }
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

/// How many gaps of each kind a run has, most first.
pub(crate) async fn by_kind(
    store: &mut PgConnection,
    run: RunId,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT kind, count(*) AS "count!" FROM sync.gaps WHERE run_id = $1 GROUP BY kind
           ORDER BY count(*) DESC, kind"#,
        run.as_uuid(),
    )
    .fetch_all(store)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.count)).collect())
}
