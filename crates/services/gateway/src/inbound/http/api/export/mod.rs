//! Everything of one kind, streamed: memory does not grow with the number of records.

mod records;

use async_stream::try_stream;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, TryStreamExt as _};
use harken_contracts::wire::directory::v1::ExportKind;
use harken_contracts::wire::types::v1::PageRequest;
use harken_domain::ConnectionId;
use http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::{Map, Value};
use tonic::Status;
use utoipa::IntoParams;

use self::records::Kind;
use super::caller::Caller;
use super::csv_form;
use super::reading::{Asked, optional_id};
use crate::inbound::http::refusal::{Refusal, Refused};
use crate::inbound::http::render::Problem;
use crate::outbound::{Asking, ScoreList};

/// Scores that are asked for at once.
const SCORES: u32 = 500;

/// One record, by the names of its fields.
pub(super) type Record = Map<String, Value>;

/// What to export and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportAsked {
    /// `jsonl` (one JSON object a line) or `csv`; `jsonl` if absent.
    format: Option<String>,
    /// Only of this connection, `con_…`.
    connection_id: Option<String>,
}

#[derive(Clone, Copy)]
enum Format {
    JsonLines,
    Csv,
}

/// Streams every record of one kind. A stream that breaks off before its end was cut by an error.
#[utoipa::path(get, path = "/export/{kind}", operation_id = "export", tag = "export",
    params(("kind" = String, Path, description = "`contacts`, `companies`, `conversations`, `parts` or `scores`"), ExportAsked),
    responses((status = 200, description = "The records", body = String, content_type = "application/x-ndjson"),
        Problem))]
pub(crate) async fn export(
    caller: Caller,
    Path(kind): Path<String>,
    Asked(asked): Asked<ExportAsked>,
) -> Refused<Response> {
    let kind = Kind::named(&kind).ok_or_else(|| {
        Refusal::field(
            "kind",
            "is none of contacts, companies, conversations, parts and scores",
        )
    })?;
    let format = match asked.format.as_deref() {
        None | Some("jsonl") => Format::JsonLines,
        Some("csv") => Format::Csv,
        Some(_) => return Err(Refusal::field("format", "is neither jsonl nor csv")),
    };
    let connection = optional_id("connection_id", asked.connection_id.as_deref())?;
    let asking = caller.asking();
    let body = match kind.mirrored() {
        Some(mirrored) => written(
            kind,
            format,
            of_the_mirror(&asking, connection, mirrored).await?,
        ),
        None => written(kind, format, of_scoring(asking, connection)),
    };
    let (media, ending) = match format {
        Format::JsonLines => ("application/x-ndjson", "jsonl"),
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let day = caller.gateway.clock.now().format("%Y-%m-%d");
    let name = format!(
        "attachment; filename=\"harken-{}-{day}.{ending}\"",
        kind.as_str()
    );
    let name = HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, body).into_response())
}

async fn of_the_mirror(
    asking: &Asking,
    connection: Option<ConnectionId>,
    kind: ExportKind,
) -> Result<impl Stream<Item = Result<Vec<Record>, Status>> + use<>, Status> {
    let batches = asking.export(connection, kind).await?;
    Ok(batches.map_ok(records::of_batch))
}

fn of_scoring(
    asking: Asking,
    connection: Option<ConnectionId>,
) -> impl Stream<Item = Result<Vec<Record>, Status>> {
    try_stream! {
        let mut page_token = String::new();
        loop {
            let page = PageRequest { page_size: SCORES, page_token };
            let list = asking.scores(ScoreList { connection, page, ..ScoreList::default() }).await?;
            yield list.scores.into_iter().map(records::of_score).collect();
            page_token = list.page.unwrap_or_default().next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
}

fn written(
    kind: Kind,
    format: Format,
    batches: impl Stream<Item = Result<Vec<Record>, Status>> + Send + 'static,
) -> Body {
    let batches = batches.inspect_err(|cause| tracing::warn!(error = %cause, "an export was cut"));
    match format {
        Format::JsonLines => Body::from_stream(batches.map_ok(|batch| lines(&batch))),
        Format::Csv => {
            let columns = kind.columns();
            let head = futures::stream::once(async move { Ok(csv_form::head(columns)) });
            let rows = batches.map_ok(move |batch| csv_form::rows(columns, &batch));
            Body::from_stream(futures::StreamExt::chain(head, rows))
        }
    }
}

fn lines(batch: &[Record]) -> Bytes {
    let mut lines = Vec::new();
    for record in batch {
        // A map of JSON values is always JSON.
        if serde_json::to_writer(&mut lines, record).is_ok() {
            lines.push(b'\n');
        }
    }
    lines.into()
}
