use std::fmt;
use std::io;
use std::path::Path;

use harken_runtime::ConfigError;

/// Why a command did not do what it was asked to: one line that ends with what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    line: String,
}

/// What a script can do about a failure; the process ends with its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// A setting or an input is wrong.
    Input,
    /// The thing asked for is not there.
    NotFound,
    /// Something needed is away; the same command may succeed later.
    Unavailable,
    /// The caller may not do this.
    Refused,
    /// Anything else.
    Other,
    /// Whoever read our output has read enough.
    NoReader,
}

impl FailureKind {
    /// The code of sysexits(3) where there is one.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Input => 64,
            Self::NotFound => 66,
            Self::Unavailable => 69,
            Self::Refused => 77,
            Self::Other => 1,
            Self::NoReader => 0,
        }
    }
}

impl Failure {
    /// `line` says what is wrong and what to do, without secrets and people's addresses.
    pub(crate) fn new(kind: FailureKind, line: impl Into<String>) -> Self {
        Self {
            kind,
            line: line.into(),
        }
    }

    pub(crate) fn input(line: impl Into<String>) -> Self {
        Self::new(FailureKind::Input, line)
    }

    pub(crate) fn not_found(line: impl Into<String>) -> Self {
        Self::new(FailureKind::NotFound, line)
    }

    pub(crate) fn unavailable(line: impl Into<String>) -> Self {
        Self::new(FailureKind::Unavailable, line)
    }

    pub(crate) fn other(line: impl Into<String>) -> Self {
        Self::new(FailureKind::Other, line)
    }

    /// A file that could not be worked with.
    pub(crate) fn file(action: &str, path: &Path, cause: &io::Error) -> Self {
        let kind = match cause.kind() {
            io::ErrorKind::NotFound => FailureKind::NotFound,
            io::ErrorKind::PermissionDenied => FailureKind::Refused,
            _ => FailureKind::Other,
        };
        Self::new(
            kind,
            format!("could not {action} {}: {cause}", path.display()),
        )
    }
}

/// A start or a life that failed; a bad setting is told apart however deep it lies.
impl From<anyhow::Error> for Failure {
    fn from(cause: anyhow::Error) -> Self {
        let kind = match harken_runtime::exit_code(&cause) {
            64 => FailureKind::Input,
            _ => FailureKind::Other,
        };
        Self::new(kind, format!("{cause:#}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::input(error.to_string())
    }
}

/// Output that cannot be written.
impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::BrokenPipe => Self::new(FailureKind::NoReader, ""),
            _ => Self::other(format!("could not write the output: {cause}")),
        }
    }
}
