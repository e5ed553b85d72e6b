//! Keeps what happened over a restart: a line of JSON for each change, written before it shows.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use super::change::Change;

/// The book of one workspace; without a file nothing is kept.
#[derive(Debug, Default)]
pub(crate) struct Journal(Option<File>);

impl Journal {
    /// Opens the book at `path` and reads what is in it. A line that a kill cut short is cut off.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<Change>)> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |last| last + 1);
        let lines = bytes[..whole].split(|&byte| byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        let changes = lines
            .map(serde_json::from_slice)
            .collect::<Result<_, _>>()?;
        file.set_len(whole as u64)?;
        file.seek(io::SeekFrom::End(0))?;
        Ok((Self(Some(file)), changes))
    }

    pub(crate) fn write(&mut self, change: &Change) -> io::Result<()> {
        let Some(file) = &mut self.0 else {
            return Ok(());
        };
        let mut line = serde_json::to_vec(change)?;
        line.push(b'\n');
        file.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_short_is_forgotten_and_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.jsonl");
        let change = |contact| Change::ContactDeleted { contact, at: 7 };
        let (mut journal, read) = Journal::open(&path).unwrap();
        assert_eq!(read, []);
        journal.write(&change(1)).unwrap();
        journal.write(&change(2)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();

        let (mut journal, read) = Journal::open(&path).unwrap();
        assert_eq!(read, [change(1)]);
        journal.write(&change(3)).unwrap();
        assert_eq!(Journal::open(&path).unwrap().1, [change(1), change(3)]);
    }
}
