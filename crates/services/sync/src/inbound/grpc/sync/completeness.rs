use harken_contracts::{
    convert::timestamp,
    wire::sync::v1::{
        Completeness, GetCompletenessRequest, IncompleteCount, IncompleteReason, IncompleteRecord,
        ListIncompleteRequest, ListIncompleteResponse,
    },
};
use harken_domain::ConnectionId;
use harken_runtime::{paging, status as refuse};
use sqlx::PgConnection;
use tonic::{Request, Status};

use super::known;
use crate::{
    app::Sync,
    inbound::grpc::{
        fields::{query, reader, slice},
        status,
    },
    outbound::postgres::{
        StoreError,
        completeness::{self, Filter, Incomplete, Position},
        gaps, permissions,
        runs::{RunRow, RunState},
    },
    rules::{
        ContactRecord, ConversationRecord,
        counts::Kind,
        failure,
        lacking::{Lack, Lacking, summary},
    },
};

/// How much of what Intercom counts is held.
pub(super) async fn get(
    sync: &Sync,
    request: Request<GetCompletenessRequest>,
) -> Result<Completeness, Status> {
    let organization = reader(&request)?;
    let (mut store, connection) =
        known(sync, organization, &request.get_ref().connection_id).await?;
    completeness(&mut store, connection)
        .await
        .map_err(status::store)
}

async fn completeness(
    store: &mut PgConnection,
    connection: ConnectionId,
) -> Result<Completeness, StoreError> {
    let held = completeness::held(store, connection).await?;
    let all = Filter {
        lack: None,
        prefix: "",
    };
    let reasons = completeness::counts(store, connection, all).await?;
    let incomplete: i64 = reasons
        .iter()
        .map(|(.., conversations)| conversations)
        .sum();
    Ok(Completeness {
        connection_id: connection.to_string(),
        conversations: held.conversations.unsigned_abs(),
        conversations_complete: (held.conversations - incomplete).max(0).unsigned_abs(),
        parts_held: held.parts_held.unsigned_abs(),
        parts_counted: held.parts_counted.unsigned_abs(),
        reasons: reasons
            .into_iter()
            .map(|(lack, count, _)| IncompleteCount {
                reason: wire(lack).into(),
                count: count.unsigned_abs(),
            })
            .collect(),
        checked_at: held.checked_at.map(timestamp),
    })
}

/// Records that lack something, with what can be done.
pub(super) async fn list(
    sync: &Sync,
    request: Request<ListIncompleteRequest>,
) -> Result<ListIncompleteResponse, Status> {
    let organization = reader(&request)?;
    let request = request.into_inner();
    let (mut store, connection) = known(sync, organization, &request.connection_id).await?;
    let filter = Filter {
        lack: lack(request.reason)?,
        prefix: query("query", &request.query)?,
    };
    let size = paging::size(request.page.as_ref())?;
    let asked = ("incomplete", connection, request.reason, filter.prefix);
    let after: Option<Position> = paging::position(&asked, request.page.as_ref())?;
    let mut rows = completeness::list(&mut store, connection, filter, after, i64::from(size) + 1)
        .await
        .map_err(status::store)?;
    let counts = completeness::counts(&mut store, connection, filter)
        .await
        .map_err(status::store)?;
    let total = counts.iter().map(|(_, count, _)| count).sum();
    let place = |row: &Incomplete| (row.at, row.kind.clone(), row.external_id.clone());
    let page = slice(&mut rows, size, &asked, place, total)?;
    let records = rows.into_iter().map(|row| record(connection, row));
    Ok(ListIncompleteResponse {
        records: records.collect(),
        page: Some(page),
    })
}

fn record(connection: ConnectionId, row: Incomplete) -> IncompleteRecord {
    let kind = match row.kind.as_str() {
        "conversation" => Kind::Conversations,
        "contact" => Kind::Contacts,
        _ => Kind::Companies,
    };
    let lacking = Lacking {
        lack: row.lack,
        detail: &row.detail,
        parts_held: row.parts_held.map(i32::unsigned_abs),
        parts_counted: row.parts_counted.map(i32::unsigned_abs),
        permission: failure::permission(kind),
    };
    let id = match kind {
        Kind::Conversations => ConversationRecord::id_of(connection, &row.external_id).to_string(),
        Kind::Contacts => ContactRecord::id_of(connection, &row.external_id).to_string(),
        _ => String::new(),
    };
    IncompleteRecord {
        detail: lacking.detail(),
        remedy: lacking.remedy(),
        parts_held: lacking.parts_held,
        parts_counted: lacking.parts_counted,
        id: if row.is_held { id } else { String::new() },
        kind: row.kind,
        external_id: row.external_id,
        reason: wire(row.lack).into(),
        updated_at: row.updated_at.map(timestamp),
        intercom_request_id: row.request_id,
    }
}

/// Why the last run that ended did not get everything, and the permissions that are missing.
pub(super) async fn last_error(
    store: &mut PgConnection,
    connection: ConnectionId,
    last_ended: Option<&RunRow>,
) -> Result<(String, Vec<String>), sqlx::Error> {
    let missing = permissions::missing(store, connection).await?;
    let error = match last_ended {
        Some(run) if run.state == RunState::Failed => run.reason.clone(),
        Some(run) if run.state == RunState::CompleteWithGaps => {
            summary(&gaps::by_kind(store, run.run).await?, &missing)
        }
        _ => String::new(),
    };
    Ok((error, missing))
}

const fn wire(lack: Lack) -> IncompleteReason {
    match lack {
        Lack::Truncated => IncompleteReason::Truncated,
        Lack::Waiting => IncompleteReason::Waiting,
        Lack::Unreadable => IncompleteReason::Unreadable,
        Lack::Refused => IncompleteReason::Refused,
        Lack::NotFound => IncompleteReason::NotFound,
        Lack::Cut => IncompleteReason::Cut,
    }
}

fn lack(reason: i32) -> Result<Option<Lack>, Status> {
    Ok(match IncompleteReason::try_from(reason) {
        Ok(IncompleteReason::Unspecified) => None,
        Ok(IncompleteReason::Truncated) => Some(Lack::Truncated),
        Ok(IncompleteReason::Waiting) => Some(Lack::Waiting),
        Ok(IncompleteReason::Unreadable) => Some(Lack::Unreadable),
        Ok(IncompleteReason::Refused) => Some(Lack::Refused),
        Ok(IncompleteReason::NotFound) => Some(Lack::NotFound),
        Ok(IncompleteReason::Cut) => Some(Lack::Cut),
        Err(_) => return Err(refuse::invalid_argument("reason", "is not known")),
    })
}
