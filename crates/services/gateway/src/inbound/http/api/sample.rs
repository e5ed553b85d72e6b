use axum::Json;
use axum::extract::Path;
use harken_domain::ConnectionId;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Caller;
use super::reading::id;
use crate::inbound::http::refusal::Refused;
use crate::inbound::http::render::Problem;

/// A few records as they are stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sample {
    /// `con_…`.
    connection_id: String,
    /// One record per table, the newest.
    records: Vec<SampleRecord>,
}

/// One record as it is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SampleRecord {
    /// Table, without schema.
    table: String,
    /// Its fields in the order of the table; absent values are left out.
    fields: Vec<SampleField>,
}

/// One field of a stored record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SampleField {
    /// Name of the column.
    name: String,
    /// Its value as text, cut after 200 characters.
    value: String,
}

/// Shows the newest record of each table, field by field, as it is stored.
#[utoipa::path(get, path = "/connections/{connection_id}/sample", operation_id = "getSample", tag = "mirror",
    params(("connection_id" = String, Path, description = "`con_…`")),
    responses((status = 200, description = "The records", body = Sample), Problem))]
pub(crate) async fn get(caller: Caller, Path(connection): Path<String>) -> Refused<Json<Sample>> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let sample = caller.asking().sample(connection).await?;
    let records = sample.records.into_iter().map(|record| SampleRecord {
        table: record.table,
        fields: record
            .fields
            .into_iter()
            .map(|field| SampleField {
                name: field.name,
                value: field.value,
            })
            .collect(),
    });
    Ok(Json(Sample {
        connection_id: sample.connection_id,
        records: records.collect(),
    }))
}
