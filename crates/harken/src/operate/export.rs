use std::io::Write as _;

use harken_contracts::wire::directory::v1::{
    Conversation, Customer, ExportBatch, ExportCompany, ExportKind as WireKind, ExportPart,
    ExportRequest,
};
use harken_contracts::wire::events::v1::{CompanyRecord, Part};
use harken_contracts::wire::scoring::v1::{Inputs, ListScoresRequest, Score, ScoreSort};
use harken_contracts::wire::types::v1::PageRequest;
use serde_json::{Value, json as value};

use super::{Desk, choose};
use crate::cli::{ExportArgs, ExportFormat, ExportKind};
use crate::failure::Failure;
use crate::output::{CsvRows, Destination, Writer, count, json};

/// Scores that are asked for at once.
const PAGE: u32 = 500;
/// Objects of a score that become columns of their own.
const UNFOLDED: &[&str] = &["inputs"];

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
    let mut stream = answer
        .map_err(|status| desk.harken.refused(&status))?
        .into_inner();
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
        let answer = answer
            .map_err(|status| desk.harken.refused(&status))?
            .into_inner();
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

/// An object with every field of a kind, for a header.
fn sample(kind: ExportKind) -> Value {
    match kind {
        ExportKind::Contacts => json(&Customer::default()),
        ExportKind::Companies => company(&ExportCompany {
            company: Some(CompanyRecord::default()),
            ..ExportCompany::default()
        }),
        ExportKind::Conversations => json(&Conversation::default()),
        ExportKind::Parts => part(&ExportPart {
            part: Some(Part::default()),
            ..ExportPart::default()
        }),
        ExportKind::Scores => json(&Score {
            inputs: Some(Inputs::default()),
            ..Score::default()
        }),
    }
}

enum Rows {
    Jsonl(Writer),
    Csv(Box<CsvRows<Writer>>),
}

impl Rows {
    fn new(what: &ExportArgs, out: Writer) -> Result<Self, Failure> {
        Ok(match what.format {
            ExportFormat::Jsonl => Self::Jsonl(out),
            ExportFormat::Csv => {
                Self::Csv(Box::new(CsvRows::new(out, &sample(what.kind), UNFOLDED)?))
            }
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
    fn every_kind_has_a_header() {
        let columns = |kind| sample(kind).as_object().unwrap().len();
        assert!(columns(ExportKind::Contacts) >= 13);
        assert!(columns(ExportKind::Conversations) >= 16);
        assert_eq!(sample(ExportKind::Companies)["external_id"], "");
        assert!(sample(ExportKind::Companies).get("company").is_none());
        assert_eq!(sample(ExportKind::Parts)["conversation_external_id"], "");
        assert!(sample(ExportKind::Scores)["inputs"].is_object());
    }
}
