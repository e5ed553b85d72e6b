use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use harken_contracts::wire::vault::v1 as wire;
use harken_domain::ConnectionId;
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::body::moment;
use super::caller::Caller;
use super::csv_form;
use super::reading::{Asked, id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;

const COLUMNS: [&str; 4] = ["service", "place", "count", "erased_at"];

/// What became of an erasure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Erasure {
    /// `con_…`.
    connection_id: String,
    /// Absent if it was never asked for.
    requested_at: Option<DateTime<Utc>>,
    /// When the last receipt was in and the data key destroyed; absent before.
    completed_at: Option<DateTime<Utc>>,
    /// Rows and messages erased, over all receipts.
    total: u64,
    /// One per service that has answered, in the order of arrival.
    receipts: Vec<ErasureReceipt>,
    /// Services that have not answered yet.
    waiting_for: Vec<String>,
    /// Whether it is unfinished after 24 hours.
    is_overdue: bool,
}

/// What one service erased.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasureReceipt {
    /// Name of the service, or `bus`.
    service: String,
    erased_at: Option<DateTime<Utc>>,
    erased: Vec<ErasedCount>,
}

/// How much was erased in one place.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedCount {
    /// Table with its schema, such as `sync.parts`, or stream, such as `HARKEN_RECORD`.
    place: String,
    /// Rows, or messages.
    count: u64,
}

/// In which form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ErasureAsked {
    /// `json`, or `csv` with a line per place; `json` if absent.
    format: Option<String>,
}

/// Tells what every service erased of a connection.
#[utoipa::path(get, path = "/connections/{connection_id}/erasure", operation_id = "getErasure", tag = "connections",
    params(("connection_id" = String, Path, description = "`con_…`"), ErasureAsked),
    responses((status = 200, description = "The receipts", body = Erasure), Problem))]
pub(crate) async fn get(
    caller: Caller,
    Path(connection): Path<String>,
    Asked(asked): Asked<ErasureAsked>,
) -> Refused<Response> {
    let connection: ConnectionId = id("connection_id", &connection)?;
    let is_csv = match asked.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Refusal::field("format", "is neither json nor csv")),
    };
    let erasure = Erasure::from(caller.asking().erasure(connection).await?);
    if !is_csv {
        return Ok(Json(erasure).into_response());
    }
    let mut table = csv_form::head(&COLUMNS).to_vec();
    table.extend_from_slice(&csv_form::rows(&COLUMNS, &erasure.lines()));
    let media = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    Ok((media, table).into_response())
}

impl Erasure {
    /// A record per place.
    fn lines(&self) -> Vec<Map<String, Value>> {
        let of_receipt = |receipt: &ErasureReceipt| {
            let erased_at = receipt
                .erased_at
                .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
            let line = |one: &ErasedCount| json!({"service": receipt.service, "place": one.place, "count": one.count, "erased_at": erased_at});
            receipt.erased.iter().map(line).collect::<Vec<_>>()
        };
        let lines = self.receipts.iter().flat_map(of_receipt);
        lines
            .filter_map(|line| match line {
                Value::Object(line) => Some(line),
                _ => None,
            })
            .collect()
    }
}

impl From<wire::Erasure> for Erasure {
    fn from(wire: wire::Erasure) -> Self {
        let receipts: Vec<_> = wire
            .receipts
            .into_iter()
            .map(ErasureReceipt::from)
            .collect();
        let counts = receipts.iter().flat_map(|receipt| &receipt.erased);
        Self {
            total: counts.map(|one| one.count).sum(),
            receipts,
            requested_at: moment(wire.requested_at.as_ref()),
            completed_at: moment(wire.completed_at.as_ref()),
            connection_id: wire.connection_id,
            waiting_for: wire.waiting_for,
            is_overdue: wire.is_overdue,
        }
    }
}

impl From<wire::ErasureReceipt> for ErasureReceipt {
    fn from(wire: wire::ErasureReceipt) -> Self {
        let erased = wire.erased.into_iter().map(|one| ErasedCount {
            place: one.place,
            count: one.count,
        });
        Self {
            erased_at: moment(wire.erased_at.as_ref()),
            erased: erased.collect(),
            service: wire.service,
        }
    }
}
