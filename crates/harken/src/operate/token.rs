use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use harken_domain::Secret;

use crate::failure::Failure;
use crate::output::ask_secret;

/// Longest token that is read; Intercom's are far shorter.
const MAX_BYTES: u64 = 4_096;

/// An access token from a file, from standard input (`-`, or when it is no terminal), or typed unseen.
pub(super) fn read(file: Option<&Path>) -> Result<Secret, Failure> {
    let text = match file {
        Some(path) if path != Path::new("-") => from_file(path)?,
        None if io::stdin().is_terminal() => ask_secret("Access token: ")
            .map_err(|cause| Failure::other(format!("could not ask for the token: {cause}")))?,
        _ => from(io::stdin())
            .map_err(|cause| Failure::other(format!("could not read standard input: {cause}")))?,
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::input(
            "the token is empty; copy the whole of it from Intercom's Developer Hub",
        ));
    }
    if !text.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err(Failure::input(
            "that is not an access token: it is one word without spaces, on one line",
        ));
    }
    Ok(Secret::new(text))
}

fn from_file(path: &Path) -> Result<String, Failure> {
    let opened = fs::File::open(path).and_then(from);
    opened.map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => {
            Failure::input(format!("the token file {} does not exist", path.display()))
        }
        io::ErrorKind::InvalidData => Failure::input(format!("{} holds no text", path.display())),
        _ => Failure::file("read", path, &cause),
    })
}

fn from(source: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
