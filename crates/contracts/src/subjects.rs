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

/// Notifications of one record share a lane, so that a deployment can part its readers by lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lane(u8);

impl Lane {
    /// How many there are.
    pub const COUNT: u32 = 64;

    /// The lane of the record with this id: FNV-1a, modulo 64.
    #[expect(clippy::cast_possible_truncation, reason = "below 64")]
    pub fn of(external_id: &str) -> Self {
        let hash = external_id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self((hash % u64::from(Self::COUNT)) as u8)
    }

    /// The lane of this number; a number beyond the last one wraps.
    pub const fn numbered(number: u32) -> Self {
        Self((number % Self::COUNT) as u8)
    }

    /// Its number, below 64.
    pub const fn number(self) -> u32 {
        self.0 as u32
    }
}

/// Where notifications of a connection are told.
pub fn webhook(connection: ConnectionId, lane: Lane) -> Subject {
    Subject(format!("harken.webhook.v1.{connection}.{}", lane.number()))
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

/// Where services tell what they erased of a connection.
pub fn connection_erased(connection: ConnectionId) -> Subject {
    Subject(format!("harken.connection.v1.{connection}.erased"))
}

/// All that is told of a connection itself.
pub fn connection_all(connection: ConnectionId) -> Subject {
    Subject(format!("harken.connection.v1.{connection}.>"))
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

/// Notifications of every connection.
pub fn all_webhooks() -> Subject {
    Subject("harken.webhook.v1.>".to_owned())
}

/// Dead letters of every service.
pub fn all_dead() -> Subject {
    Subject("harken.dead.v1.>".to_owned())
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

/// What services erased of every connection.
pub fn all_erasures() -> Subject {
    Subject("harken.connection.v1.*.erased".to_owned())
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
            (webhook(connection, Lane::of("7")), Stream::Webhook),
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
    fn a_lane_is_the_same_for_ever() {
        for (external_id, number) in [("", 37), ("7", 22), ("215470000000001", 1)] {
            assert_eq!(Lane::of(external_id).number(), number, "{external_id}");
        }
        assert_eq!(Lane::numbered(64), Lane::numbered(0));
    }

    #[test]
    fn the_connection_stands_in_every_subject_so_that_a_purge_finds_it() {
        let connection = ConnectionId::derive(&[b"x"]);
        for subject in [
            webhook(connection, Lane::of("7")),
            record(connection, RecordKind::Company),
            dead("sync", "poison", connection),
        ] {
            assert!(subject.as_str().contains(&connection.to_string()));
        }
    }
}
