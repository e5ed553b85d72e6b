use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use harken_local::Durability;

pub(crate) const USAGE: &str = "\
usage: harken-stores [--state-dir DIR] [--port-base N|random] [--durable] -- COMMAND [ARGUMENT…]

Runs COMMAND with HARKEN_DATABASE_URL, DATABASE_URL and HARKEN_NATS_URL naming private stores.

  --state-dir DIR     keep the data in DIR (default: a temporary folder, removed at the end)
  --port-base N       Postgres on N+4, NATS on N+5 (default: random, any two free ports)
  --durable           sync to disk what is acknowledged (default: do not, which is faster)";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) ports: Ports,
    pub(crate) durability: Durability,
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ports {
    Base(u16),
    Random,
}

impl Arguments {
    pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut words = words;
        let mut arguments = Self {
            state_dir: None,
            ports: Ports::Random,
            durability: Durability::Ephemeral,
            command: Vec::new(),
        };
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--") => {
                    arguments.command = words.collect();
                    break;
                }
                Some("--durable") => arguments.durability = Durability::Durable,
                Some("--state-dir") => {
                    let folder = words.next().ok_or("--state-dir needs a folder")?;
                    arguments.state_dir = Some(PathBuf::from(folder));
                }
                Some("--port-base") => arguments.ports = ports(words.next().as_deref())?,
                _ => return Err(format!("unexpected argument: {}", word.display())),
            }
        }
        if arguments.command.is_empty() {
            return Err("a command is missing after --".to_owned());
        }
        Ok(arguments)
    }
}

fn ports(word: Option<&OsStr>) -> Result<Ports, String> {
    const HIGHEST_BASE: u16 = u16::MAX - 9;
    match word.and_then(OsStr::to_str) {
        Some("random") => Ok(Ports::Random),
        Some(number) => match number.parse() {
            Ok(base @ 1..=HIGHEST_BASE) => Ok(Ports::Base(base)),
            _ => Err(format!(
                "--port-base is a number up to {HIGHEST_BASE}, or random"
            )),
        },
        None => Err("--port-base needs a number, or random".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn flags_stand_before_the_command_and_nothing_after_it_is_ours() {
        let parsed = parse("--port-base 7500 --durable -- cargo test --durable -- x").unwrap();
        assert_eq!(parsed.ports, Ports::Base(7500));
        assert_eq!(parsed.durability, Durability::Durable);
        assert_eq!(parsed.command, ["cargo", "test", "--durable", "--", "x"]);
        assert_eq!(parse("-- true").unwrap().ports, Ports::Random);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "",
            "--",
            "cargo test",
            "--port-base 65535 -- x",
            "--port-base x -- x",
            "--state-dir",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
