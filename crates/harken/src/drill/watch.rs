//! Reads conversations again and again while notifications come in: what was newer may never become older.

use std::collections::VecDeque;
use std::time::Duration;

use harken_contracts::wire::directory::v1::{ConversationWithParts, GetConversationRequest};
use harken_domain::{ConnectionId, ConversationId};
use tokio::sync::mpsc::Receiver;
use tokio::time::{MissedTickBehavior, interval};
use tonic::Code;

use super::complaints::Complaints;
use super::story::{Change, ConversationName, Story, World};
use crate::operate::Harken;

/// Conversations that are watched at the same time.
const WATCHED: usize = 48;
/// Times each is read before another takes its place.
const READINGS: u32 = 40;
const READ_EVERY: Duration = Duration::from_millis(20);

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    pub(super) reads: u64,
    pub(super) conversations: u64,
    pub(super) went_back: Complaints,
}

struct Watched {
    name: ConversationName,
    id: ConversationId,
    /// Whether its story ends with its deletion.
    may_go: bool,
    readings: u32,
    last: Seen,
}

/// How a conversation was last seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    NotYet,
    There {
        updated_at: i64,
        parts: usize,
    },
    /// It was there, and then it was not.
    Gone,
}

impl Seen {
    /// What it is after another look, or what is wrong with that look.
    fn then(self, now: Option<(i64, usize)>, may_go: bool) -> Result<Self, &'static str> {
        match (self, now) {
            (Self::NotYet, None) => Ok(Self::NotYet),
            (Self::There { .. }, None) if !may_go => Err("vanished, though nobody deleted it"),
            (Self::There { .. } | Self::Gone, None) => Ok(Self::Gone),
            (Self::Gone, Some(_)) => Err("came back after it was deleted"),
            (Self::There { updated_at, .. }, Some((now, _))) if now < updated_at => {
                Err("went back to an older state")
            }
            (Self::There { parts, .. }, Some((_, now))) if now < parts => Err("lost parts"),
            (Self::NotYet | Self::There { .. }, Some((updated_at, parts))) => {
                Ok(Self::There { updated_at, parts })
            }
        }
    }
}

/// Watches some of the conversations that are named, until no more are.
pub(super) async fn watch(
    harken: Harken,
    connection: ConnectionId,
    world: World,
    mut touched: Receiver<ConversationName>,
) -> Sightings {
    let mut sightings = Sightings::default();
    let mut watched: VecDeque<Watched> = VecDeque::new();
    let mut turn = interval(READ_EVERY);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        while watched.len() < WATCHED {
            match touched.try_recv() {
                Ok(name) if watched.iter().all(|one| one.name != name) => {
                    sightings.conversations += 1;
                    watched.push_back(Watched::new(connection, world, name));
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        if touched.is_closed() && touched.is_empty() {
            return sightings;
        }
        let Some(mut one) = watched.pop_front() else {
            continue;
        };
        one.look(&harken, &mut sightings).await;
        if one.readings < READINGS {
            watched.push_back(one);
        }
    }
}

impl Watched {
    fn new(connection: ConnectionId, world: World, name: ConversationName) -> Self {
        let is_its_end = |change: &Change| matches!(change, Change::ConversationDeleted { ordinal } if *ordinal == name.ordinal);
        let story = Story::of(world, name.customer);
        let external_id = name.to_string();
        Self {
            name,
            id: ConversationId::derive(&[connection.as_uuid().as_bytes(), external_id.as_bytes()]),
            may_go: story.steps.iter().any(|step| is_its_end(&step.change)),
            readings: 0,
            last: Seen::NotYet,
        }
    }

    async fn look(&mut self, harken: &Harken, sightings: &mut Sightings) {
        self.readings += 1;
        let request = GetConversationRequest {
            conversation_id: self.id.to_string(),
        };
        let now = match harken.directory().get_conversation(request).await {
            Ok(answer) => Some(brief(&answer.into_inner())),
            Err(status) if status.code() == Code::NotFound => None,
            // Nobody there to answer: nothing was seen.
            Err(_) => return,
        };
        sightings.reads += 1;
        match self.last.then(now, self.may_go) {
            Ok(seen) => self.last = seen,
            Err(wrong) => sightings
                .went_back
                .add(|| format!("conversation {} {wrong}", self.name)),
        }
    }
}

fn brief(read: &ConversationWithParts) -> (i64, usize) {
    let conversation = read.conversation.as_ref();
    let updated_at = conversation.and_then(|one| one.updated_at.as_ref());
    (updated_at.map_or(0, |at| at.seconds), read.parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_newer_may_not_become_older() {
        let looks = [None, Some((100, 1)), Some((100, 2)), Some((130, 2))];
        let seen = looks
            .into_iter()
            .try_fold(Seen::NotYet, |seen, now| seen.then(now, true))
            .unwrap();
        assert!(seen.then(Some((129, 3)), true).is_err());
        assert!(seen.then(Some((130, 1)), true).is_err());
        assert!(seen.then(None, false).is_err());
        let gone = seen.then(None, true).unwrap();
        assert_eq!(gone.then(None, true), Ok(Seen::Gone));
        assert!(gone.then(Some((200, 9)), true).is_err());
    }
}
