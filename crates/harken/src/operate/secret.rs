use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use harken_domain::Secret;

use crate::failure::Failure;
use crate::output::ask_secret;

/// Longest secret that is read; Intercom's are far shorter.
const MAX_BYTES: u64 = 4_096;

/// What is asked for, in words.
pub(super) struct SecretKind {
    name: &'static str,
    article: &'static str,
    short: &'static str,
}

impl SecretKind {
    pub(super) const ACCESS_TOKEN: Self = Self {
        name: "access token",
        article: "an",
        short: "token",
    };
    pub(super) const WEBHOOK_SECRET: Self = Self {
        name: "client secret",
        article: "a",
        short: "secret",
    };
}

/// A secret from a file, from standard input (`-`, or when it is no terminal), or typed unseen.
pub(super) fn read(file: Option<&Path>, kind: &SecretKind) -> Result<Secret, Failure> {
    let SecretKind {
        name,
        article,
        short,
    } = kind;
    let text = match file {
        Some(path) if path != Path::new("-") => from_file(path, short)?,
        None if io::stdin().is_terminal() => ask_secret(&format!("{}: ", capitalized(name)))
            .map_err(|cause| Failure::other(format!("could not ask for the {short}: {cause}")))?,
        _ => from(io::stdin())
            .map_err(|cause| Failure::other(format!("could not read standard input: {cause}")))?,
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::input(format!(
            "the {short} is empty; copy the whole of it from Intercom's Developer Hub"
        )));
    }
    if !text.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err(Failure::input(format!(
            "that is not {article} {name}: it is one word without spaces, on one line"
        )));
    }
    Ok(Secret::new(text))
}

fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

fn from_file(path: &Path, short: &str) -> Result<String, Failure> {
    let opened = fs::File::open(path).and_then(from);
    opened.map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => Failure::input(format!(
            "the {short} file {} does not exist",
            path.display()
        )),
        io::ErrorKind::InvalidData => Failure::input(format!("{} holds no text", path.display())),
        _ => Failure::file("read", path, &cause),
    })
}

fn from(source: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
