//! Names of streams and subjects: the only place that builds them. Attacker-controlled text never becomes part of one.

use std::fmt;

use harken_domain::ConnectionId;

/// A stream of the bus (ARCHITECTURE §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Notifications as Intercom sent them.
    Webhook,
    /// Changes of mirrored records.
    Record,
    /// What follows from records: scores, states of connections, progress.
    Signal,
    /// Jobs.
    Work,
    /// Messages that no reader could take.
    Dead,
}

impl Stream {
    /// Every stream.
    pub const ALL: &'static [Self] = &[
        Self::Webhook,
        Self::Record,
        Self::Signal,
        Self::Work,
        Self::Dead,
    ];

    /// Its name on the server.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "HARKEN_WEBHOOK",
            Self::Record => "HARKEN_RECORD",
            Self::Signal => "HARKEN_SIGNAL",
            Self::Work => "HARKEN_WORK",
            Self::Dead => "HARKEN_DEAD",
        }
    }

    /// The subjects it keeps.
    pub const fn subjects(self) -> &'static [&'static str] {
        match self {
            Self::Webhook => &["harken.webhook.v1.>"],
            Self::Record => &["harken.record.v1.>"],
            Self::Signal => &[
                "harken.score.v1.>",
                "harken.lifecycle.v1.>",
                "harken.triage.v1.>",
                "harken.alert.v1.>",
                "harken.connection.v1.>",
                "harken.sync.v1.>",
            ],
            Self::Work => &["harken.work.v1.>"],
            Self::Dead => &["harken.dead.v1.>"],
        }
    }

    /// How long it keeps a message, in days.
    pub const fn keeps_days(self) -> u64 {
        match self {
            Self::Webhook => 7,
            Self::Record => 14,
            Self::Signal | Self::Work => 30,
            Self::Dead => 90,
        }
    }
}

/// A subject, or a pattern of subjects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// Takes a subject that came from the bus or from the outbox.
    pub fn from_wire(subject: impl Into<String>) -> Self {
        Self(subject.into())
    }

    /// The subject as the server knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of record that `record.v1.changed` speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// A contact.
    Contact,
    /// A company.
    Company,
    /// A conversation with its parts.
    Conversation,
}

impl RecordKind {
    /// The word in subjects and in `DeletedRecord.kind`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Conversation => "conversation",
        }
    }
}

/// Where changes of records of a connection are told.
pub fn record(connection: ConnectionId, kind: RecordKind) -> Subject {
    Subject(format!("harken.record.v1.{connection}.{}", kind.as_str()))
}

/// Where changes of scores of a connection are told.
pub fn score_changed(connection: ConnectionId) -> Subject {
    Subject(format!("harken.score.v1.{connection}.changed"))
}

/// Where the opening of a connection is told.
pub fn connection_opened(connection: ConnectionId) -> Subject {
    Subject(format!("harken.connection.v1.{connection}.opened"))
}

/// Where the closing of a connection is told.
pub fn connection_closed(connection: ConnectionId) -> Subject {
    Subject(format!("harken.connection.v1.{connection}.closed"))
}

/// Where the progress of a run is told.
pub fn run_progressed(connection: ConnectionId) -> Subject {
    Subject(format!("harken.sync.v1.{connection}.progressed"))
}

/// Where the end of a run is told.
pub fn run_ended(connection: ConnectionId) -> Subject {
    Subject(format!("harken.sync.v1.{connection}.ended"))
}

/// Where a message goes that `service` could not take, for a reason of its own short list.
pub fn dead(service: &'static str, reason: &'static str, connection: ConnectionId) -> Subject {
    Subject(format!("harken.dead.v1.{service}.{reason}.{connection}"))
}

/// Changes of records of every connection.
pub fn all_records() -> Subject {
    Subject("harken.record.v1.>".to_owned())
}

/// Changes of scores of every connection.
pub fn all_scores() -> Subject {
    Subject("harken.score.v1.>".to_owned())
}

/// Openings and closings of every connection.
pub fn all_connections() -> Subject {
    Subject("harken.connection.v1.>".to_owned())
}

/// Progress and ends of the runs of every connection.
pub fn all_runs() -> Subject {
    Subject("harken.sync.v1.>".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_belongs_to_exactly_one_stream() {
        let connection = ConnectionId::derive(&[b"x"]);
        for (subject, home) in [
            (record(connection, RecordKind::Contact), Stream::Record),
            (score_changed(connection), Stream::Signal),
            (connection_opened(connection), Stream::Signal),
            (connection_closed(connection), Stream::Signal),
            (run_progressed(connection), Stream::Signal),
            (run_ended(connection), Stream::Signal),
            (dead("sync", "undecodable", connection), Stream::Dead),
        ] {
            let homes: Vec<_> = Stream::ALL
                .iter()
                .filter(|stream| {
                    stream
                        .subjects()
                        .iter()
                        .any(|pattern| subject.as_str().starts_with(pattern.trim_end_matches('>')))
                })
                .collect();
            assert_eq!(homes, [&home], "{subject}");
        }
    }

    #[test]
    fn the_connection_stands_in_every_subject_so_that_a_purge_finds_it() {
        let connection = ConnectionId::derive(&[b"x"]);
        for subject in [
            record(connection, RecordKind::Company),
            dead("sync", "poison", connection),
        ] {
            assert!(subject.as_str().contains(&connection.to_string()));
        }
    }
}
