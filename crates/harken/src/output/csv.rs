use std::io::Write;

use serde_json::Value;

use crate::failure::Failure;

/// Objects as lines under a header. A column `outer.inner` holds what lies inside an object; any other object and
/// every list stays JSON inside its cell.
pub(crate) struct CsvRows<W: Write> {
    columns: Vec<String>,
    writer: csv::Writer<W>,
}

impl<W: Write> CsvRows<W> {
    pub(crate) fn new(out: W, columns: Vec<String>) -> Result<Self, Failure> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&columns).map_err(unwritable)?;
        Ok(Self { columns, writer })
    }

    pub(crate) fn write(&mut self, row: &Value) -> Result<(), Failure> {
        let cells = self.columns.iter().map(|column| cell(inside(row, column)));
        self.writer.write_record(cells).map_err(unwritable)
    }

    pub(crate) fn finish(self) -> Result<W, Failure> {
        self.writer
            .into_inner()
            .map_err(|cause| Failure::from(cause.into_error()))
    }
}

fn inside<'v>(row: &'v Value, column: &str) -> &'v Value {
    column.split('.').fold(row, |value, name| &value[name])
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text),
        value => value.to_string(),
    }
}

/// A text that a spreadsheet would run as a formula is marked as text: names are written by strangers.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn unwritable(error: csv::Error) -> Failure {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => Failure::from(cause),
        kind => Failure::other(format!("could not write the output: {kind:?}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(columns: &[&str], rows: &[Value]) -> String {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        let mut csv = CsvRows::new(Vec::new(), columns).unwrap();
        for row in rows {
            csv.write(row).unwrap();
        }
        String::from_utf8(csv.finish().unwrap()).unwrap()
    }

    #[test]
    fn inner_objects_become_columns_and_lists_stay_json() {
        let row = json!({"id": "a,b", "inputs": {"open": 2, "seen_days": 1.5}, "tags": ["x"]});
        let without = json!({"id": null, "inputs": null, "tags": []});
        assert_eq!(
            written(
                &["id", "inputs.seen_days", "inputs.open", "tags"],
                &[row, without]
            ),
            "id,inputs.seen_days,inputs.open,tags\n\"a,b\",1.5,2,\"[\"\"x\"\"]\"\n,,,[]\n"
        );
    }

    #[test]
    fn a_name_is_no_formula() {
        let rows = [json!({"id": "=1+1"}), json!({"id": -5})];
        assert_eq!(written(&["id"], &rows), "id\n'=1+1\n-5\n");
    }
}
