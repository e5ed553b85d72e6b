//! Where the next page begins: opaque to clients, and all the memory there is of a paging.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::sort::SortKey;

/// The last record of a page, and the number of the page that follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor(pub(crate) SortKey, pub(crate) u64, pub(crate) u64);

impl Cursor {
    pub(crate) fn write(&self) -> String {
        STANDARD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// None when the text is no cursor of ours.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
    }

    pub(crate) fn page(&self) -> u64 {
        self.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_written() {
        for key in [
            SortKey::Nothing,
            SortKey::Number(-4),
            SortKey::Text("é".to_owned()),
        ] {
            let cursor = Cursor(key, 9, 2);
            assert_eq!(Cursor::read(&cursor.write()), Some(cursor));
        }
        assert_eq!(Cursor::read("bm90IG91cnM="), None);
    }
}
