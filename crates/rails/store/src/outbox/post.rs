use std::collections::BTreeMap;

use harken_bus::MAX_PAYLOAD_BYTES;
use harken_contracts::events::{Event, InvalidEvent};
use harken_telemetry::trace_context;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Why events cannot be posted.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// One says neither where it goes nor whom it concerns.
    #[error("an event cannot be addressed")]
    Address(#[from] InvalidEvent),
    /// One will never fit the bus; its publisher splits it.
    #[error("{event} takes {size_bytes} bytes, more than the {MAX_PAYLOAD_BYTES} of a message")]
    TooLarge {
        /// Its type.
        event: &'static str,
        /// Its size, encoded.
        size_bytes: usize,
    },
    /// Postgres failed.
    #[error("events cannot be stored")]
    Store(#[from] sqlx::Error),
}

/// Posts events in the transaction that caused them, in order, within the current trace. They go out after commit.
pub async fn post<E: Event>(
    connection: &mut PgConnection,
    events: &[E],
) -> Result<(), OutboxError> {
    if events.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for event in events {
        rows.push(event)?;
    }
    let headers: BTreeMap<String, String> = trace_context::inject().into_iter().collect();
    sqlx::query(
        "WITH posted AS (
             INSERT INTO outbox (subject, event_type, organization_id, connection_id, headers, payload)
             SELECT subject, $2, organization_id, connection_id, $5, payload
             FROM unnest($1::text[], $3::uuid[], $4::uuid[], $6::bytea[]) WITH ORDINALITY
                  AS events (subject, organization_id, connection_id, payload, place)
             ORDER BY place)
         SELECT pg_notify(current_schema() || '_outbox', '')",
    )
    .bind(rows.subjects)
    .bind(E::TYPE)
    .bind(rows.organizations)
    .bind(rows.connections)
    .bind(Json(headers))
    .bind(rows.payloads)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Rows {
    subjects: Vec<String>,
    organizations: Vec<Uuid>,
    connections: Vec<Uuid>,
    payloads: Vec<Vec<u8>>,
}

impl Rows {
    fn push<E: Event>(&mut self, event: &E) -> Result<(), OutboxError> {
        let address = event.address()?;
        let payload = event.encode_to_vec();
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(OutboxError::TooLarge {
                event: E::TYPE,
                size_bytes: payload.len(),
            });
        }
        self.subjects.push(address.subject.as_str().to_owned());
        self.organizations.push(address.organization.as_uuid());
        self.connections.push(address.connection.as_uuid());
        self.payloads.push(payload);
        Ok(())
    }
}
