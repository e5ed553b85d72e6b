use axum::body::Bytes;
use csv::{Writer, WriterBuilder};
use serde_json::Value;

use super::export::Record;

/// What a spreadsheet would take for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The line of names.
pub(super) fn head(columns: &[&str]) -> Bytes {
    written(|csv| csv.write_record(columns))
}

pub(super) fn rows(columns: &[&str], records: &[Record]) -> Bytes {
    written(|csv| {
        for record in records {
            csv.write_record(columns.iter().map(|column| cell(record.get(*column))))?;
        }
        Ok(())
    })
}

/// A value in a cell: text as it is, lists and objects as JSON. Text that a spreadsheet would run is made plain.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if text.starts_with(FORMULA) => format!("'{text}"),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn written(write: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Bytes {
    let mut csv = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory fails only for rows of unequal length, and all have the same columns.
    let _ = write(&mut csv);
    csv.into_inner().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_hold_text_numbers_and_json_and_no_formula() {
        let record =
            json!({"a": "x,\"y\"", "b": ["t"], "c": null, "d": -4.5, "e": "=cmd|' /C calc'!A0"});
        let Value::Object(record) = record else {
            unreachable!()
        };
        let rows = rows(&["a", "b", "c", "d", "e"], &[record]);
        assert_eq!(
            rows,
            "\"x,\"\"y\"\"\",\"[\"\"t\"\"]\",,-4.5,'=cmd|' /C calc'!A0\n"
        );
    }
}
