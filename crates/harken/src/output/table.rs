use console::{Style, measure_text_width, pad_str, truncate_str};

use super::words::plain;

/// Widest a column grows, in characters.
const WIDEST: usize = 48;
const GAP: &str = "  ";

/// One value of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
    number: bool,
    whole: bool,
}

impl Cell {
    /// A text; control characters in it cannot reach the terminal.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self {
            text: plain(text.as_ref()),
            style: Style::new(),
            number: false,
            whole: false,
        }
    }

    /// A number, aligned to the right.
    pub(crate) fn number(text: impl AsRef<str>) -> Self {
        Self {
            number: true,
            ..Self::text(text)
        }
    }

    /// A sentence that is never cut; for last columns.
    pub(crate) fn sentence(text: impl AsRef<str>) -> Self {
        Self {
            whole: true,
            ..Self::text(text)
        }
    }

    pub(crate) fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

/// Rows under a header, aligned; or, without a header, names and values.
#[derive(Debug, Default)]
pub(crate) struct Table {
    header: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        let header = header
            .into_iter()
            .map(|name| Cell::text(name).styled(Style::new().dim()));
        Self {
            header: header.collect(),
            rows: Vec::new(),
        }
    }

    /// A list of names and values.
    pub(crate) fn facts() -> Self {
        Self::default()
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.into());
    }

    pub(crate) fn fact(&mut self, name: &str, value: Cell) {
        self.row([
            Cell::text(name).styled(Style::new().dim()),
            Cell {
                number: false,
                whole: true,
                ..value
            },
        ]);
    }

    pub(super) fn lines(&self, colour: bool) -> Vec<String> {
        let columns = self
            .rows
            .iter()
            .chain([&self.header])
            .map(Vec::len)
            .max()
            .unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        let header = (!self.header.is_empty()).then_some(&self.header);
        header
            .into_iter()
            .chain(&self.rows)
            .map(|row| line(row, &widths, &self.numbers(columns), colour))
            .collect()
    }

    fn width(&self, column: usize) -> usize {
        let cells = self
            .rows
            .iter()
            .chain([&self.header])
            .filter_map(|row| row.get(column));
        cells.map(Cell::width).max().unwrap_or(0)
    }

    /// Which columns hold numbers: their headers stand to the right as well.
    fn numbers(&self, columns: usize) -> Vec<bool> {
        let is_number = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .any(|cell| cell.number)
        };
        (0..columns).map(is_number).collect()
    }
}

impl Cell {
    fn width(&self) -> usize {
        let width = measure_text_width(&self.text);
        if self.whole { width } else { width.min(WIDEST) }
    }
}

fn line(row: &[Cell], widths: &[usize], numbers: &[bool], colour: bool) -> String {
    let mut line = String::new();
    for (column, cell) in row.iter().enumerate() {
        let width = widths[column];
        let text = if cell.whole {
            cell.text.as_str().into()
        } else {
            truncate_str(&cell.text, WIDEST, "…")
        };
        let text = if numbers[column] {
            pad_str(&text, width, console::Alignment::Right, None)
        } else if column + 1 < row.len() {
            pad_str(&text, width, console::Alignment::Left, None)
        } else {
            text
        };
        if column > 0 {
            line.push_str(GAP);
        }
        line.push_str(
            &cell
                .style
                .clone()
                .force_styling(colour)
                .apply_to(text)
                .to_string(),
        );
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::new(["NAME", "POINTS", "LEVEL"]);
        table.row([Cell::text("Zoë"), Cell::number("7"), Cell::text("critical")]);
        table.row([
            Cell::text("株式会社"),
            Cell::number("100"),
            Cell::text("healthy"),
        ]);
        let expected = [
            "NAME      POINTS  LEVEL",
            "Zoë            7  critical",
            "株式会社     100  healthy",
        ];
        assert_eq!(table.lines(false), expected);
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let mut table = Table::new(["NAME"]);
        table.row([Cell::text("a\u{1b}[2Jb\nc")]);
        assert_eq!(table.lines(false)[1], "a\u{fffd}[2Jb c");
    }

    #[test]
    fn a_long_text_is_cut_and_a_sentence_is_not() {
        let long = "x".repeat(WIDEST + 5);
        let mut table = Table::facts();
        table.row([Cell::text(&long), Cell::sentence(&long)]);
        let line = &table.lines(false)[0];
        assert!(
            line.starts_with(&format!("{}…  ", "x".repeat(WIDEST - 1))),
            "{line}"
        );
        assert!(line.ends_with(&long));
    }

    #[test]
    fn colour_is_there_only_when_asked_for() {
        let mut table = Table::facts();
        table.row([Cell::text("red").styled(Style::new().red())]);
        assert_eq!(table.lines(false)[0], "red");
        assert!(table.lines(true)[0].contains("\u{1b}[31m"));
    }
}
