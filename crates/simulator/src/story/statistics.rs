//! What Intercom counts about a conversation, folded from what happened in it.

use super::plots::teammate_id;
use super::timeline::{Deed, Event, Priority, Timeline, Voice, Words};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Closed,
    Snoozed,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Snoozed => "snoozed",
        }
    }
}

/// Where a conversation stands after all its events.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) state: State,
    pub(crate) waiting_since: Option<i64>,
    pub(crate) snoozed_until: Option<i64>,
    pub(crate) admin: Option<u64>,
    pub(crate) team: Option<u64>,
    pub(crate) priority: Priority,
    /// The topic whose title it was given, and the one its attribute names, where that was changed.
    pub(crate) title: Option<u8>,
    pub(crate) category: Option<u8>,
    /// Tags with when and by whom they were applied.
    pub(crate) tags: Vec<(u64, i64, Option<u64>)>,
    /// Teammates that took part, the bot left out.
    pub(crate) teammates: Vec<u64>,
    pub(crate) rating: Option<Rating>,
    /// When the bot first and last spoke.
    pub(crate) bot_spoke: Option<(i64, i64)>,
    pub(crate) customer_spoke_last: bool,
    pub(crate) statistics: Statistics,
}

/// A completed rating; times in Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rating {
    pub(crate) score: u8,
    pub(crate) remark: Option<Words>,
    pub(crate) asked_at: i64,
    pub(crate) given_at: i64,
}

/// Times in Unix seconds, durations in seconds; none until it happens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    pub(crate) first_contact_reply_at: Option<i64>,
    pub(crate) last_contact_reply_at: Option<i64>,
    pub(crate) first_assignment_at: Option<i64>,
    pub(crate) last_assignment_at: Option<i64>,
    pub(crate) last_assignment_admin_reply_at: Option<i64>,
    pub(crate) first_admin_reply_at: Option<i64>,
    pub(crate) last_admin_reply_at: Option<i64>,
    pub(crate) first_close_at: Option<i64>,
    pub(crate) last_close_at: Option<i64>,
    pub(crate) last_closed_by_id: Option<u64>,
    pub(crate) time_to_assignment: Option<i64>,
    pub(crate) time_to_admin_reply: Option<i64>,
    pub(crate) time_to_first_close: Option<i64>,
    pub(crate) time_to_last_close: Option<i64>,
    pub(crate) median_time_to_reply: Option<i64>,
    pub(crate) count_reopens: u64,
    pub(crate) count_assignments: u64,
    /// The first message counts too, though it is not a part.
    pub(crate) count_conversation_parts: u64,
}

struct Fold {
    standing: Standing,
    /// How long the customer waited for each answer.
    waits: Vec<i64>,
    assignment_before_reply: Option<i64>,
}

/// Follows `timeline` to its end.
pub(crate) fn standing(timeline: &Timeline) -> Standing {
    let mut fold = Fold {
        standing: Standing {
            state: State::Open,
            waiting_since: None,
            snoozed_until: None,
            admin: None,
            team: None,
            priority: Priority::None,
            title: None,
            category: None,
            tags: Vec::new(),
            teammates: Vec::new(),
            rating: None,
            bot_spoke: None,
            customer_spoke_last: false,
            statistics: Statistics::default(),
        },
        waits: Vec::new(),
        assignment_before_reply: None,
    };
    match timeline.opened_by {
        Voice::Customer(_) => fold.customer_spoke(timeline.starts_at),
        Voice::Admin(id) if timeline.by_hand => {
            fold.standing.admin = Some(id);
            fold.standing.teammates.push(id);
        }
        Voice::Admin(_) | Voice::Bot => fold.standing.state = State::Closed,
    }
    for event in &timeline.events {
        fold.take(event);
    }
    fold.finish(timeline)
}

impl Fold {
    fn take(&mut self, event: &Event) {
        if let Voice::Admin(id) = event.by
            && !self.standing.teammates.contains(&id)
        {
            self.standing.teammates.push(id);
        }
        if event.deed.reopens() && self.standing.state == State::Closed {
            self.standing.state = State::Open;
            self.standing.statistics.count_reopens += 1;
        }
        if event.deed.is_visible_message() {
            match event.by {
                Voice::Customer(_) => self.customer_spoke(event.at),
                Voice::Admin(_) => self.admin_spoke(event.at),
                Voice::Bot => {
                    let first = self.standing.bot_spoke.map_or(event.at, |(first, _)| first);
                    self.standing.bot_spoke = Some((first, event.at));
                }
            }
        }
        match &event.deed {
            Deed::Assign { admin, team } => self.assigned(event.at, *admin, *team),
            Deed::AssignAndReopen { admin, .. } => {
                self.assigned(event.at, Some(*admin), self.standing.team);
            }
            Deed::ReplyAndAssign { admin, .. } => {
                self.assigned(event.at, Some(*admin), self.standing.team);
            }
            Deed::Close(_) => self.closed(event),
            Deed::Unsnooze | Deed::TimerUnsnooze => self.wake(),
            Deed::Untag(gone) => self.standing.tags.retain(|(id, ..)| id != gone),
            Deed::Snooze { until } => {
                self.standing.state = State::Snoozed;
                self.standing.snoozed_until = Some(*until);
            }
            Deed::Rate { score, remark } => {
                let asked_at = self.standing.statistics.last_close_at.unwrap_or(event.at);
                let (score, remark, given_at) = (*score, remark.clone(), event.at);
                self.standing.rating = Some(Rating {
                    score,
                    remark,
                    asked_at,
                    given_at,
                });
            }
            Deed::Prioritise(priority) => self.standing.priority = *priority,
            Deed::Retitle(topic) => self.standing.title = Some(*topic),
            Deed::Recategorise(topic) => self.standing.category = Some(*topic),
            Deed::Tag(id) => {
                self.standing
                    .tags
                    .push((*id, event.at, teammate_id(event.by)));
            }
            _ => {}
        }
    }

    fn customer_spoke(&mut self, at: i64) {
        self.wake();
        self.standing.waiting_since.get_or_insert(at);
        self.standing.customer_spoke_last = true;
        let statistics = &mut self.standing.statistics;
        statistics.first_contact_reply_at.get_or_insert(at);
        statistics.last_contact_reply_at = Some(at);
    }

    fn wake(&mut self) {
        if self.standing.state == State::Snoozed {
            self.standing.state = State::Open;
            self.standing.snoozed_until = None;
        }
    }

    fn admin_spoke(&mut self, at: i64) {
        self.standing.customer_spoke_last = false;
        if let Some(since) = self.standing.waiting_since.take() {
            self.waits.push(at - since);
        }
        let statistics = &mut self.standing.statistics;
        if statistics.first_contact_reply_at.is_some() && statistics.first_admin_reply_at.is_none()
        {
            statistics.first_admin_reply_at = Some(at);
            self.assignment_before_reply = statistics.last_assignment_at;
        }
        statistics.last_admin_reply_at = Some(at);
        if statistics.last_assignment_at.is_some() {
            statistics.last_assignment_admin_reply_at.get_or_insert(at);
        }
    }

    fn assigned(&mut self, at: i64, admin: Option<u64>, team: Option<u64>) {
        self.standing.admin = admin;
        self.standing.team = team;
        let statistics = &mut self.standing.statistics;
        statistics.count_assignments += 1;
        statistics.first_assignment_at.get_or_insert(at);
        statistics.last_assignment_at = Some(at);
        statistics.last_assignment_admin_reply_at = None;
    }

    fn closed(&mut self, event: &Event) {
        self.standing.state = State::Closed;
        self.standing.waiting_since = None;
        self.standing.snoozed_until = None;
        let statistics = &mut self.standing.statistics;
        statistics.first_close_at.get_or_insert(event.at);
        statistics.last_close_at = Some(event.at);
        statistics.last_closed_by_id = teammate_id(event.by);
    }

    fn finish(mut self, timeline: &Timeline) -> Standing {
        let assigned = self.assignment_before_reply;
        let statistics = &mut self.standing.statistics;
        let since_first = |at: Option<i64>| Some(at? - statistics.first_contact_reply_at?);
        let (assignment, reply) = (
            since_first(assigned),
            since_first(statistics.first_admin_reply_at),
        );
        let first_close = since_first(statistics.first_close_at);
        let last_close = since_first(statistics.last_close_at);
        statistics.time_to_assignment = assignment;
        statistics.time_to_admin_reply = reply;
        statistics.time_to_first_close = first_close;
        statistics.time_to_last_close = last_close;
        statistics.median_time_to_reply = median(self.waits);
        statistics.count_conversation_parts = timeline.events.len() as u64 + 1;
        self.standing
    }
}

fn median(mut waits: Vec<i64>) -> Option<i64> {
    waits.sort_unstable();
    waits.get(waits.len() / 2).copied()
}
