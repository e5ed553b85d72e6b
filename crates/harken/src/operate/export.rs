use std::io::Write as _;

use harken_contracts::wire::directory::v1::{
    Conversation, Customer, ExportBatch, ExportCompany, ExportKind as WireKind, ExportPart,
    ExportRequest,
};
use harken_contracts::wire::events::v1::{CompanyRecord, Part};
use harken_contracts::wire::scoring::v1::{Inputs, ListScoresRequest, Score, ScoreSort};
use harken_contracts::wire::types::v1::PageRequest;
use prost::Name;
use serde_json::{Value, json as value};

use super::{Desk, choose};
use crate::cli::{ExportArgs, ExportFormat, ExportKind};
use crate::failure::Failure;
use crate::output::{CsvRows, Destination, Writer, count, fields, json};

/// Scores that are asked for at once.
const PAGE: u32 = 500;

pub(crate) async fn run(desk: Desk, what: ExportArgs) -> Result<(), Failure> {
    let connection_id = choose::connection_filter(&desk.harken, what.connection.as_deref()).await?;
    let mut file = Destination::open(what.output.as_deref())?;
    let mut rows = Rows::new(&what, file.writer())?;
    let written = match what.kind {
        ExportKind::Contacts => {
            records(&desk, WireKind::Contacts, connection_id, &mut rows).await?
        }
        ExportKind::Companies => {
            records(&desk, WireKind::Companies, connection_id, &mut rows).await?
        }
        ExportKind::Conversations => {
            records(&desk, WireKind::Conversations, connection_id, &mut rows).await?
        }
        ExportKind::Parts => records(&desk, WireKind::Parts, connection_id, &mut rows).await?,
        ExportKind::Scores => scores(&desk, connection_id, &mut rows).await?,
    };
    rows.finish()?;
    file.keep()?;
    match &what.output {
        Some(path) if desk.output.is_json() => desk
            .output
            .object(&value!({"rows": written, "output": path.display().to_string()})),
        Some(path) => desk.output.line(format!(
            "{} rows written to {}.",
            count(written),
            path.display()
        )),
        None => Ok(()),
    }
}

async fn records(
    desk: &Desk,
    kind: WireKind,
    connection_id: String,
    rows: &mut Rows,
) -> Result<u64, Failure> {
    let request = ExportRequest {
        connection_id,
        kind: kind.into(),
    };
    let answer = desk.harken.directory().export(request).await;
    let mut stream = desk.harken.answered(answer)?;
    let mut written = 0;
    while let Some(batch) = stream
        .message()
        .await
        .map_err(|status| desk.harken.refused(&status))?
    {
        let ExportBatch {
            contacts,
            companies,
            conversations,
            parts,
        } = batch;
        let batch = contacts
            .iter()
            .map(json)
            .chain(companies.iter().map(company));
        for row in batch
            .chain(conversations.iter().map(json))
            .chain(parts.iter().map(part))
        {
            rows.write(&row)?;
            written += 1;
        }
    }
    Ok(written)
}

async fn scores(desk: &Desk, connection_id: String, rows: &mut Rows) -> Result<u64, Failure> {
    let mut request = ListScoresRequest {
        connection_id,
        sort: ScoreSort::PointsAscending.into(),
        ..ListScoresRequest::default()
    };
    let mut page_token = String::new();
    let mut written = 0;
    loop {
        request.page = Some(PageRequest {
            page_size: PAGE,
            page_token,
        });
        let answer = desk.harken.scoring().list_scores(request.clone()).await;
        let answer = desk.harken.answered(answer)?;
        for score in &answer.scores {
            rows.write(&json(score))?;
            written += 1;
        }
        page_token = answer.page.unwrap_or_default().next_page_token;
        if page_token.is_empty() {
            return Ok(written);
        }
    }
}

/// A company beside the connection it belongs to, in one object.
fn company(row: &ExportCompany) -> Value {
    beside(
        json(row),
        "company",
        json(&row.company.clone().unwrap_or_default()),
    )
}

fn part(row: &ExportPart) -> Value {
    beside(
        json(row),
        "part",
        json(&row.part.clone().unwrap_or_default()),
    )
}

/// Lifts what lies under `name` up beside the other fields.
fn beside(mut outer: Value, name: &str, inner: Value) -> Value {
    if let (Some(outer), Value::Object(inner)) = (outer.as_object_mut(), inner) {
        outer.remove(name);
        outer.extend(inner);
    }
    outer
}

/// The columns of a kind, in the order of its proto.
fn columns(kind: ExportKind) -> Vec<String> {
    match kind {
        ExportKind::Contacts => fields::<Customer>(),
        ExportKind::Companies => unfolded::<ExportCompany>("company", fields::<CompanyRecord>()),
        ExportKind::Conversations => fields::<Conversation>(),
        ExportKind::Parts => unfolded::<ExportPart>("part", fields::<Part>()),
        ExportKind::Scores => {
            let inputs = fields::<Inputs>()
                .iter()
                .map(|name| format!("inputs.{name}"))
                .collect();
            unfolded::<Score>("inputs", inputs)
        }
    }
}

/// The columns of `M` with others in the place of one.
fn unfolded<M: Name>(folded: &str, others: Vec<String>) -> Vec<String> {
    let mut columns = fields::<M>();
    if let Some(place) = columns.iter().position(|column| column == folded) {
        columns.splice(place..=place, others);
    }
    columns
}

enum Rows {
    Jsonl(Writer),
    Csv(Box<CsvRows<Writer>>),
}

impl Rows {
    fn new(what: &ExportArgs, out: Writer) -> Result<Self, Failure> {
        Ok(match what.format {
            ExportFormat::Jsonl => Self::Jsonl(out),
            ExportFormat::Csv => Self::Csv(Box::new(CsvRows::new(out, columns(what.kind))?)),
        })
    }

    fn write(&mut self, row: &Value) -> Result<(), Failure> {
        match self {
            Self::Jsonl(out) => Ok(writeln!(out, "{row}")?),
            Self::Csv(rows) => rows.write(row),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        let mut out = match self {
            Self::Jsonl(out) => out,
            Self::Csv(rows) => rows.finish()?,
        };
        Ok(out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_columns() {
        let begins = |kind, first: &[&str]| {
            columns(kind)
                .iter()
                .zip(first)
                .all(|(column, name)| column == name)
        };
        assert!(begins(
            ExportKind::Contacts,
            &["customer_id", "connection_id", "external_id"]
        ));
        assert!(begins(
            ExportKind::Companies,
            &["connection_id", "external_id", "name"]
        ));
        assert!(begins(
            ExportKind::Conversations,
            &["conversation_id", "connection_id"]
        ));
        assert!(begins(
            ExportKind::Parts,
            &["connection_id", "conversation_external_id", "external_id"]
        ));
        assert!(columns(ExportKind::Scores).contains(&"inputs.open".to_owned()));
    }

    #[test]
    fn what_an_export_wraps_stands_beside_its_wrapper() {
        let company = CompanyRecord {
            external_id: "c1".to_owned(),
            ..CompanyRecord::default()
        };
        let row = ExportCompany {
            connection_id: "con_1".to_owned(),
            company: Some(company),
        };
        let row = super::company(&row);
        assert_eq!(
            (&row["connection_id"], &row["external_id"]),
            (&value!("con_1"), &value!("c1"))
        );
        assert!(row.get("company").is_none());
    }
}
