//! The streams and their limits (ARCHITECTURE §3).

use std::time::Duration;

use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, PurgeError, RetentionPolicy, StorageType, Stream as Kept,
};
use async_nats::jetstream::{Context, ErrorCode};
use futures::StreamExt as _;
use harken_contracts::subjects::{self, Stream};
use harken_domain::ConnectionId;

use crate::Profile;
use crate::names::Prefix;

/// How long a message id is remembered, so that publishing twice stores once.
const DEDUPE: Duration = Duration::from_mins(10);
const MIB: i64 = 1024 * 1024;
/// The least that a stream is given before we give up.
const LEAST_BYTES: i64 = 8 * MIB;

/// What a stream asks of the server that the server does not grant.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It cannot be made or changed.
    #[error("stream {name} cannot be made: {remedy}")]
    Make {
        /// Its name on the server.
        name: String,
        /// What to do.
        remedy: &'static str,
        /// What the server says.
        #[source]
        source: CreateStreamError,
    },
    /// It cannot be read.
    #[error("stream {name} cannot be read")]
    Read {
        /// Its name on the server.
        name: String,
        /// What the server says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Messages cannot be cleared from it.
    #[error("stream {name} cannot be purged")]
    Purge {
        /// Its name on the server.
        name: String,
        /// What the server says.
        #[source]
        source: PurgeError,
    },
}

/// Makes every stream exist as this version wants it.
pub(crate) async fn ensure(
    jetstream: &Context,
    prefix: &Prefix,
    profile: Profile,
) -> Result<Vec<Info>, StreamError> {
    let mut kept = Vec::with_capacity(Stream::ALL.len());
    for stream in Stream::ALL {
        kept.push(ensure_one(jetstream, wanted(*stream, prefix, profile)).await?);
    }
    Ok(kept)
}

fn wanted(stream: Stream, prefix: &Prefix, profile: Profile) -> Config {
    Config {
        name: prefix.stream(stream),
        subjects: stream
            .subjects()
            .iter()
            .map(|subject| prefix.subject(subject))
            .collect(),
        retention: match stream {
            Stream::Work => RetentionPolicy::WorkQueue,
            _ => RetentionPolicy::Limits,
        },
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        max_age: Duration::from_hours(24 * stream.keeps_days()),
        max_bytes: max_bytes(stream, prefix, profile),
        duplicate_window: DEDUPE,
        num_replicas: replicas(profile),
        allow_direct: true,
        ..Config::default()
    }
}

fn replicas(profile: Profile) -> usize {
    match profile {
        Profile::Local => 1,
        Profile::Production => 3,
    }
}

/// A full stream refuses at once instead of hanging, so every stream has a bound.
fn max_bytes(stream: Stream, prefix: &Prefix, profile: Profile) -> i64 {
    let local = match stream {
        _ if !prefix.is_empty() => return 16 * MIB,
        Stream::Record => 4096 * MIB,
        Stream::Webhook | Stream::Signal => 1024 * MIB,
        Stream::Work | Stream::Dead => 256 * MIB,
    };
    match profile {
        Profile::Local => local,
        Profile::Production => local * 16,
    }
}

async fn ensure_one(jetstream: &Context, mut wanted: Config) -> Result<Info, StreamError> {
    let name = wanted.name.clone();
    if let Some(kept) = existing(jetstream, &name).await? {
        // The size was settled when it was made; an operator may have changed it since.
        wanted.max_bytes = kept.config.max_bytes;
        if same(&kept.config, &wanted) {
            return Ok(kept);
        }
    }
    loop {
        match jetstream.create_or_update_stream(wanted.clone()).await {
            Ok(info) => return Ok(info),
            Err(cause) if is_too_large(&cause) && wanted.max_bytes > LEAST_BYTES => {
                wanted.max_bytes /= 2;
            }
            Err(source) => {
                let remedy = remedy(&source);
                return Err(StreamError::Make {
                    name,
                    remedy,
                    source,
                });
            }
        }
    }
}

async fn existing(jetstream: &Context, name: &str) -> Result<Option<Info>, StreamError> {
    use async_nats::jetstream::context::GetStreamErrorKind::JetStream;
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream.cached_info().clone())),
        Err(cause) => match cause.kind() {
            JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(StreamError::Read {
                name: name.to_owned(),
                source: cause.into(),
            }),
        },
    }
}

fn same(kept: &Config, wanted: &Config) -> bool {
    kept.subjects == wanted.subjects
        && kept.retention == wanted.retention
        && kept.discard == wanted.discard
        && kept.max_age == wanted.max_age
        && kept.duplicate_window == wanted.duplicate_window
        && kept.num_replicas == wanted.num_replicas
        && kept.allow_direct == wanted.allow_direct
}

/// Whether the server has less room than the stream wants to reserve.
fn is_too_large(cause: &CreateStreamError) -> bool {
    matches!(
        code_of(cause),
        Some(
            ErrorCode::STORAGE_RESOURCES_EXCEEDED
                | ErrorCode::INSUFFICIENT_RESOURCES
                | ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        )
    )
}

fn remedy(cause: &CreateStreamError) -> &'static str {
    match code_of(cause) {
        Some(ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT) => {
            "start nats-server with JetStream (`jetstream {}` in its configuration)"
        }
        Some(ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED | ErrorCode::CLUSTER_NO_PEERS) => {
            "the production profile needs a cluster of at least three servers"
        }
        _ if is_too_large(cause) => "give JetStream more file storage (`max_file_store`)",
        _ => "see what the server says",
    }
}

fn code_of(cause: &CreateStreamError) -> Option<ErrorCode> {
    match cause.kind() {
        CreateStreamErrorKind::JetStream(error) => Some(error.error_code()),
        _ => None,
    }
}

/// How many messages each stream holds of a connection.
pub(crate) async fn held(
    jetstream: &Context,
    prefix: &Prefix,
    connection: ConnectionId,
) -> Result<Vec<(Stream, u64)>, StreamError> {
    let mut held = Vec::with_capacity(Stream::ALL.len());
    for stream in Stream::ALL {
        let handle = handle(jetstream, prefix, *stream).await?;
        let mut messages = 0;
        for subject in subjects_of(*stream, connection) {
            let found = handle.info_with_subjects(prefix.subject(&subject)).await;
            let mut found = found.map_err(|source| unreadable(prefix, *stream, source))?;
            while let Some(subject) = found.next().await {
                let (_, count) = subject.map_err(|source| unreadable(prefix, *stream, source))?;
                messages += u64::try_from(count).unwrap_or(u64::MAX);
            }
        }
        held.push((*stream, messages));
    }
    Ok(held)
}

/// Clears every message of a connection; what is told of the connection itself goes last.
pub(crate) async fn purge(
    jetstream: &Context,
    prefix: &Prefix,
    connection: ConnectionId,
) -> Result<Vec<(Stream, u64)>, StreamError> {
    let mut purged = Vec::with_capacity(Stream::ALL.len());
    let own = subjects::connection_all(connection);
    let mut last = None;
    for stream in Stream::ALL {
        let handle = handle(jetstream, prefix, *stream).await?;
        let mut messages = 0;
        for subject in subjects_of(*stream, connection) {
            if subject == own.as_str() {
                last = Some((purged.len(), handle.clone()));
                continue;
            }
            messages += clear(&handle, prefix, *stream, &subject).await?;
        }
        purged.push((*stream, messages));
    }
    if let Some((place, handle)) = last {
        let (stream, messages) = &mut purged[place];
        *messages += clear(&handle, prefix, *stream, own.as_str()).await?;
    }
    Ok(purged)
}

async fn handle(
    jetstream: &Context,
    prefix: &Prefix,
    stream: Stream,
) -> Result<Kept<()>, StreamError> {
    let handle = jetstream.get_stream_no_info(prefix.stream(stream)).await;
    handle.map_err(|source| unreadable(prefix, stream, source))
}

async fn clear(
    handle: &Kept<()>,
    prefix: &Prefix,
    stream: Stream,
    subject: &str,
) -> Result<u64, StreamError> {
    let cleared = handle.purge().filter(prefix.subject(subject)).await;
    let cleared = cleared.map_err(|source| StreamError::Purge {
        name: prefix.stream(stream),
        source,
    })?;
    Ok(cleared.purged)
}

fn unreadable(
    prefix: &Prefix,
    stream: Stream,
    source: impl std::error::Error + Send + Sync + 'static,
) -> StreamError {
    StreamError::Read {
        name: prefix.stream(stream),
        source: Box::new(source),
    }
}

/// The connection stands as a whole token in every subject, at one of these places.
fn subjects_of(stream: Stream, connection: ConnectionId) -> Vec<String> {
    let behind = match stream {
        Stream::Webhook | Stream::Record | Stream::Signal => format!("{connection}.>"),
        Stream::Work | Stream::Dead => format!("*.*.{connection}"),
    };
    let patterns = stream.subjects().iter();
    patterns
        .map(|pattern| format!("{}{behind}", pattern.trim_end_matches('>')))
        .collect()
}

pub(crate) async fn remove(jetstream: &Context, prefix: &Prefix) {
    for stream in Stream::ALL {
        let name = prefix.stream(*stream);
        if let Err(cause) = jetstream.delete_stream(&name).await {
            tracing::debug!(stream = name, error = %cause, "stream was not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purge_finds_the_connection_where_each_stream_has_it() {
        let connection = ConnectionId::derive(&[b"x"]);
        assert_eq!(
            subjects_of(Stream::Record, connection),
            [format!("harken.record.v1.{connection}.>")]
        );
        assert_eq!(
            subjects_of(Stream::Dead, connection),
            [format!("harken.dead.v1.*.*.{connection}")]
        );
    }

    #[test]
    fn every_stream_refuses_when_full_and_remembers_ids() {
        for stream in Stream::ALL {
            let config = wanted(*stream, &Prefix::default(), Profile::Production);
            assert_eq!(config.discard, DiscardPolicy::New);
            assert_eq!(config.duplicate_window, Duration::from_mins(10));
            assert_eq!(config.num_replicas, 3);
            assert!(config.max_bytes > 0);
        }
    }
}
