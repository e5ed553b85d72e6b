//! Where a word is looked for that must not be there.

use std::fs;
use std::path::Path;

use crate::house::House;

/// A word as it would look raw, in hexadecimal digits, or in base64 at any of the three offsets. It has letters and digits
/// alone, so that JSON, HTML and URLs escape it by leaving it as it is.
pub(crate) fn forms(token: &str) -> Vec<String> {
    let mut forms = vec![token.to_owned(), hex::encode(token)];
    for offset in 0..3 {
        let padded = format!("{}{token}", &"..."[..offset]);
        let encoded = base64(padded.as_bytes());
        // The first and last characters depend on the neighbours.
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Every row of every schema, as text.
pub(crate) async fn dump(house: &House) -> Vec<u8> {
    let url = house.database_url();
    let output = tokio::process::Command::new(pg_dump())
        .arg("--dbname")
        .arg(url)
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The newest `pg_dump`, as an older one refuses a newer server.
fn pg_dump() -> String {
    let mut versions: Vec<u32> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    versions.last().map_or_else(
        || "pg_dump".to_owned(),
        |version| format!("/usr/lib/postgresql/{version}/bin/pg_dump"),
    )
}

/// Every file of a folder and those within, but for those of these names.
pub(crate) fn collect(folder: &Path, but: &[&str], bytes: &mut Vec<u8>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if but
            .iter()
            .any(|but| name.to_string_lossy().starts_with(but))
        {
            continue;
        }
        if path.is_dir() {
            collect(&path, but, bytes);
        } else if let Ok(content) = fs::read(&path) {
            bytes.extend(content);
        }
    }
}

pub(crate) fn contains(mut haystack: &[u8], needle: &[u8]) -> bool {
    while let Some(at) = haystack.iter().position(|byte| *byte == needle[0]) {
        haystack = &haystack[at..];
        if haystack.starts_with(needle) {
            return true;
        }
        haystack = &haystack[1..];
    }
    false
}

const WORD: &str = "sim0full0demo0a1b2c3d4e5f6";

#[test]
fn the_search_finds_a_token_in_each_of_its_forms() {
    for prefix in ["", "x", "xy"] {
        let told = base64(format!("{prefix}{WORD}tail").as_bytes());
        assert!(
            forms(WORD).iter().any(|form| told.contains(form)),
            "{prefix}"
        );
    }
}
