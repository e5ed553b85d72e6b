//! Names on the server: those of the contracts behind the prefix of this bus.

use harken_contracts::subjects::{Stream, Subject};

/// What stands before every name: empty in production, `t1234.` in a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefix(pub(crate) String);

impl Prefix {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Dots separate subjects but may not stand in the name of a stream.
    pub(crate) fn stream(&self, stream: Stream) -> String {
        format!("{}{}", self.0.replace('.', "_"), stream.name())
    }

    pub(crate) fn subject(&self, subject: &str) -> String {
        format!("{}{subject}", self.0)
    }

    /// The subject as the contracts know it.
    pub(crate) fn strip(&self, subject: &str) -> Subject {
        Subject::from_wire(subject.strip_prefix(&self.0).unwrap_or(subject))
    }
}

/// The stream that keeps `subject`.
pub(crate) fn stream_of(subject: &Subject) -> Option<Stream> {
    let keeps = |stream: &&Stream| {
        let mut patterns = stream.subjects().iter();
        patterns.any(|pattern| subject.as_str().starts_with(pattern.trim_end_matches('>')))
    };
    Stream::ALL.iter().find(keeps).copied()
}

#[cfg(test)]
mod tests {
    use harken_contracts::subjects;

    use super::*;

    #[test]
    fn a_prefix_comes_off_again() {
        let prefix = Prefix("t1.".to_owned());
        let there = prefix.subject("harken.score.v1.x.changed");
        assert_eq!(there, "t1.harken.score.v1.x.changed");
        assert_eq!(prefix.strip(&there).as_str(), "harken.score.v1.x.changed");
        assert_eq!(prefix.stream(Stream::Record), "t1_HARKEN_RECORD");
    }

    #[test]
    fn a_pattern_names_its_stream() {
        assert_eq!(stream_of(&subjects::all_records()), Some(Stream::Record));
        assert_eq!(stream_of(&subjects::all_runs()), Some(Stream::Signal));
        assert_eq!(stream_of(&Subject::from_wire("elsewhere.>")), None);
    }
}
