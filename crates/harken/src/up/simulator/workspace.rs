use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cli::UpArgs;
use crate::failure::Failure;
use crate::up::state_dir::write_private;

/// What the simulated workspace is drawn from. Kept, so that a restart meets the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Workspace {
    contacts: u32,
    conversations: u32,
    seed: u64,
}

impl Workspace {
    const USUAL: Self = Self {
        contacts: 500,
        conversations: 2_000,
        seed: 1,
    };

    /// What the command line says, else what is kept, else the usual.
    pub(super) fn kept(file: &Path, args: &UpArgs) -> Result<Self, Failure> {
        let kept = fs::read_to_string(file)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        let before = kept.clone().unwrap_or(Self::USUAL);
        let now = Self {
            contacts: args.contacts.unwrap_or(before.contacts),
            conversations: args.conversations.unwrap_or(before.conversations),
            seed: args.seed.unwrap_or(before.seed),
        };
        if kept.as_ref() != Some(&now) {
            let text =
                serde_json::to_string(&now).map_err(|cause| Failure::other(cause.to_string()))?;
            write_private(file, &text)?;
        }
        Ok(now)
    }

    pub(super) fn flags(&self) -> [String; 6] {
        let Self {
            contacts,
            conversations,
            seed,
        } = self;
        [
            "--contacts".to_owned(),
            contacts.to_string(),
            "--conversations".to_owned(),
            conversations.to_string(),
            "--seed".to_owned(),
            seed.to_string(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> UpArgs {
        use clap::Parser as _;
        let words = ["harken", "up"].iter().chain(words);
        match crate::cli::Cli::try_parse_from(words).unwrap().command {
            crate::cli::Command::Up(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_restart_meets_the_same_workspace_unless_told_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("workspace.json");
        let first = Workspace::kept(&file, &args(&["--contacts", "20", "--seed", "7"])).unwrap();
        assert_eq!(
            first,
            Workspace {
                contacts: 20,
                conversations: 2_000,
                seed: 7
            }
        );
        assert_eq!(Workspace::kept(&file, &args(&[])).unwrap(), first);
        let third = Workspace::kept(&file, &args(&["--contacts", "30"])).unwrap();
        assert_eq!(
            third,
            Workspace {
                contacts: 30,
                ..first
            }
        );
    }
}
