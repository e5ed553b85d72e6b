//! Streams a kind of record batch by batch. A batch is read when the previous one was taken, so memory does not grow.

use async_stream::try_stream;
use futures::Stream;
use harken_contracts::{
    convert::timestamp,
    wire::{
        directory::v1::{ExportBatch, ExportCompany, ExportKind, ExportPart},
        events::v1::CompanyRecord,
    },
};
use harken_domain::ConnectionId;
use harken_runtime::status as refuse;
use harken_store::Store;
use sqlx::PgConnection;
use tonic::Status;

use super::{
    conversations::{conversation, part},
    customers::with_companies,
};
use crate::{
    inbound::grpc::status,
    outbound::postgres::directory::{companies, conversations, customers, parts},
};

/// Records of a batch. A part may have a long text; the others are small.
const RECORDS: i64 = 500;
const PARTS: i64 = 200;

/// What is exported.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Contacts,
    Companies,
    Conversations,
    Parts,
}

pub(super) fn kind(wire: ExportKind) -> Result<Kind, Status> {
    match wire {
        ExportKind::Contacts => Ok(Kind::Contacts),
        ExportKind::Companies => Ok(Kind::Companies),
        ExportKind::Conversations => Ok(Kind::Conversations),
        ExportKind::Parts => Ok(Kind::Parts),
        ExportKind::Unspecified => Err(refuse::invalid_argument(
            "kind",
            "must be contacts, companies, conversations or parts",
        )),
    }
}

/// Where an export stands within a connection: the ids of the last record.
#[derive(Default)]
struct Place {
    record: String,
    /// The part within its conversation.
    part: String,
}

/// Every record of `kind`, in batches, in the order of their ids.
pub(super) fn batches(
    store: Store,
    connections: Vec<ConnectionId>,
    kind: Kind,
) -> impl Stream<Item = Result<ExportBatch, Status>> {
    try_stream! {
        for connection in connections {
            let mut place = Place::default();
            loop {
                let mut held = store.pool().acquire().await.map_err(status::store)?;
                let batch = next(&mut held, connection, kind, &mut place).await?;
                // Nobody else waits for a connection while the reader is slow.
                drop(held);
                match batch {
                    Some(batch) => yield batch,
                    None => break,
                }
            }
        }
    }
}

/// The batch after `place`, which moves on; none at the end.
async fn next(
    store: &mut PgConnection,
    connection: ConnectionId,
    kind: Kind,
    place: &mut Place,
) -> Result<Option<ExportBatch>, Status> {
    let after = place.record.clone();
    let mut batch = ExportBatch::default();
    let last = match kind {
        Kind::Contacts => {
            let rows = customers::export(store, connection, &after, RECORDS).await;
            let rows = rows.map_err(status::store)?;
            let last = rows.last().map(|row| row.external_id.clone());
            batch.contacts = with_companies(store, rows).await?;
            last
        }
        Kind::Companies => {
            let rows = companies::export(store, connection, &after, RECORDS).await;
            let rows = rows.map_err(status::store)?;
            let last = rows.last().map(|row| row.external_id.clone());
            batch.companies = rows
                .into_iter()
                .map(|row| company(connection, row))
                .collect();
            last
        }
        Kind::Conversations => {
            let rows = conversations::export(store, connection, &after, RECORDS).await;
            let rows = rows.map_err(status::store)?;
            let last = rows.last().map(|row| row.external_id.clone());
            batch.conversations = rows.into_iter().map(conversation).collect();
            last
        }
        Kind::Parts => {
            let rows = parts::export(store, connection, (&after, &place.part), PARTS).await;
            let rows = rows.map_err(status::store)?;
            let last = rows.last().map(|row| row.conversation_external_id.clone());
            if let Some(row) = rows.last() {
                place.part.clone_from(&row.external_id);
            }
            let exported = rows.into_iter().map(|mut row| ExportPart {
                connection_id: connection.to_string(),
                conversation_external_id: std::mem::take(&mut row.conversation_external_id),
                part: Some(part(row)),
            });
            batch.parts = exported.collect();
            last
        }
    };
    Ok(last.map(|last| {
        place.record = last;
        batch
    }))
}

fn company(connection: ConnectionId, row: companies::CompanyRow) -> ExportCompany {
    ExportCompany {
        connection_id: connection.to_string(),
        company: Some(CompanyRecord {
            external_id: row.external_id,
            name: row.name,
            plan: row.plan,
            monthly_spend: row.monthly_spend,
            size: row.size,
            created_at: row.created_at.map(timestamp),
        }),
    }
}
