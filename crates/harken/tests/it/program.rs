use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What a run of the binary left behind.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary in a folder of its own and with no setting but those given.
pub(crate) struct Program {
    command: Command,
    input: String,
}

impl Program {
    pub(crate) fn new<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>, folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_harken"));
        command
            .args(words)
            .current_dir(folder)
            .env_clear()
            .env("PATH", env!("PATH"));
        Self {
            command,
            input: String::new(),
        }
    }

    pub(crate) fn setting(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn typing(mut self, input: &str) -> Self {
        input.clone_into(&mut self.input);
        self
    }

    /// Starts it and gives it its input; what it says waits to be read.
    pub(crate) fn start(mut self) -> Child {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read is free not to.
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        child
    }

    pub(crate) fn run(self) -> Left {
        let output = self.start().wait_with_output().unwrap();
        Left {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
