use std::collections::BTreeSet;

use harken_domain::ConnectionId;

use crate::harness::House;

/// Ids of the samples, and what the table calls them.
const NAMES: &[(&str, &str)] = &[
    ("68a1f0c27d3b4e5f60718293", "dana"),
    ("68a1f0c27d3b4e5f607182a4", "sam"),
    ("68a1f0b11c2d3e4f50617283", "northwind"),
    ("215471000000101", "#101"),
    ("215471000000102", "#102"),
    ("215471000000103", "#103"),
    ("37358", ""),
];

const LINES: &str = "
    SELECT concat_ws(' ', 'contact', external_id, contact_role, email, name, tags::text, company_external_ids::text, metadata::text,
                     extract(epoch FROM last_seen_at)::bigint, extract(epoch FROM last_replied_at)::bigint)
    FROM sync.contacts WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'company', external_id, name) FROM sync.companies WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'conversation', external_id, status, 'of', contact_external_ids::text,
                     cardinality(customer_ids), 'reopened', reopen_count, 'assigned', assignment_count, tags::text,
                     'at', extract(epoch FROM updated_at)::bigint)
    FROM sync.conversations WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'part', external_id, part_type, 'by', author_kind, CASE WHEN is_visible_message THEN 'message' END,
                     CASE WHEN is_reopening THEN 'reopening' END, CASE WHEN is_redacted THEN 'redacted' END,
                     '\"' || left(body, 12) || '\"')
    FROM sync.parts WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'gone', kind, external_id) FROM sync.tombstones WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'alias', external_id, 'is', survivor_external_id)
    FROM sync.contact_aliases WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'archived', external_id, is_archived) FROM sync.archivals WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'fetch', kind, external_id, asked) FROM sync.repairs WHERE connection_id = $1
    UNION ALL
    SELECT concat_ws(' ', 'unknown', topic) FROM sync.unknown_topics WHERE connection_id = $1";

/// What the mirror holds of a connection, a line for each row.
pub(super) async fn lines(house: &House, connection: ConnectionId) -> BTreeSet<String> {
    let lines: Vec<String> = sqlx::query_scalar(LINES)
        .bind(connection.as_uuid())
        .fetch_all(&house.pool)
        .await
        .unwrap();
    let named = |line: String| {
        NAMES
            .iter()
            .fold(line, |line, (id, name)| line.replace(id, name))
    };
    lines.into_iter().map(named).collect()
}

/// Lines that went and lines that came.
pub(super) fn difference(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let went = before.difference(after).map(|line| format!("- {line}"));
    let came = after.difference(before).map(|line| format!("+ {line}"));
    went.chain(came).collect()
}
