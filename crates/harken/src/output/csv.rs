use std::io::Write;

use serde_json::Value;

use crate::failure::Failure;

/// Objects as lines under a header. Objects inside objects become columns `outer.inner`; lists and free-form attributes
/// stay JSON inside their cell.
pub(crate) struct CsvRows<W: Write> {
    columns: Vec<String>,
    nested: &'static [&'static str],
    writer: csv::Writer<W>,
}

impl<W: Write> CsvRows<W> {
    /// Columns follow from `sample`, an object with every field; those named in `nested` are objects to be unfolded.
    pub(crate) fn new(
        out: W,
        sample: &Value,
        nested: &'static [&'static str],
    ) -> Result<Self, Failure> {
        let columns: Vec<String> = cells(sample, nested)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&columns).map_err(unwritable)?;
        Ok(Self {
            columns,
            nested,
            writer,
        })
    }

    pub(crate) fn write(&mut self, row: &Value) -> Result<(), Failure> {
        let cells = cells(row, self.nested);
        let of = |column: &String| {
            cells
                .iter()
                .find(|(name, _)| name == column)
                .map(|(_, text)| text.as_str())
                .unwrap_or_default()
        };
        self.writer
            .write_record(self.columns.iter().map(of))
            .map_err(unwritable)
    }

    pub(crate) fn finish(self) -> Result<W, Failure> {
        self.writer
            .into_inner()
            .map_err(|cause| Failure::from(cause.into_error()))
    }
}

fn cells(row: &Value, nested: &[&str]) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    for (name, value) in row.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) if nested.contains(&name.as_str()) => {
                cells.extend(
                    inner
                        .iter()
                        .map(|(part, value)| (format!("{name}.{part}"), cell(value))),
                );
            }
            value => cells.push((name.clone(), cell(value))),
        }
    }
    cells
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

    fn written(sample: &Value, rows: &[Value]) -> String {
        let mut csv = CsvRows::new(Vec::new(), sample, &["inputs"]).unwrap();
        for row in rows {
            csv.write(row).unwrap();
        }
        String::from_utf8(csv.finish().unwrap()).unwrap()
    }

    #[test]
    fn inner_objects_become_columns_and_lists_stay_json() {
        let sample = json!({"id": "", "inputs": {"open": 0, "seen_days": null}, "tags": []});
        let row = json!({"id": "a,b", "inputs": {"open": 2, "seen_days": 1.5}, "tags": ["x"]});
        let without = json!({"id": null, "inputs": null, "tags": []});
        assert_eq!(
            written(&sample, &[row, without]),
            "id,inputs.open,inputs.seen_days,tags\n\"a,b\",2,1.5,\"[\"\"x\"\"]\"\n,,,[]\n"
        );
    }

    #[test]
    fn a_name_is_no_formula() {
        let rows = [json!({"id": "=1+1"}), json!({"id": -5})];
        assert_eq!(written(&json!({"id": ""}), &rows), "id\n'=1+1\n-5\n");
    }
}
