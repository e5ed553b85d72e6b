//! Searches ahead and fetches what the search found, bounded by number and by memory.

use std::{collections::BTreeSet, time::Duration};

use futures::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, OptionFuture},
    stream::FuturesUnordered,
};
use harken_intercom::Page;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Before, Rounds,
    backlog::Backlog,
    batch::{Batch, Placed},
    retrieve::{Retrieved, retrieve},
    search::{Searched, Unread, meet, search, unread},
};
use crate::{
    app::run::{
        Desk, Halt,
        customers::{Customers, Learned},
    },
    rules::{
        checkpoint::Frontier,
        counts::{Kind, Skip},
        search::RangeId,
    },
};

/// The search goes on while fewer than this are known, or about to be, that wait to be fetched.
const ENOUGH_KNOWN: usize = 600;
/// Conversations on a page of a search.
const PAGE: usize = 150;
/// What is there is written at least this often.
const WRITE_WITHIN: Duration = Duration::from_millis(500);
/// How often it is looked whether contacts are known by now.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What a conversation is taken to need before the first has been seen.
const USUAL_BYTES: usize = 64 * 1024;

/// Gathers until nothing is left, round after round.
pub(super) async fn gather(
    desk: &Desk,
    frontier: Frontier,
    (before, rounds): (Before, Rounds),
    batches: mpsc::Sender<Placed>,
) -> Result<(), Halt> {
    let customers = Customers::new(desk);
    let mut gathering = Gathering::new(desk, &customers, (before, rounds), frontier);
    while !gathering.advance(&batches).await? {}
    Ok(())
}

struct Gathering<'a> {
    desk: &'a Desk,
    customers: &'a Customers<'a>,
    before: Before,
    rounds: Rounds,
    frontier: Frontier,
    backlog: Backlog,
    /// Ranges that are being asked.
    asked: BTreeSet<RangeId>,
    searching: FuturesUnordered<BoxFuture<'a, Result<Searched, Halt>>>,
    /// Finds out who held conversations back.
    meeting: Option<BoxFuture<'a, Result<Learned, Halt>>>,
    /// When it is looked again; none as long as nothing new can be known.
    meet_at: Option<Instant>,
    fetching: FuturesUnordered<BoxFuture<'a, Result<Retrieved, Halt>>>,
    batch: Batch,
    write_by: Instant,
    /// What the largest of the last conversations needed.
    usual_bytes: usize,
    found_something: bool,
}

impl<'a> Gathering<'a> {
    fn new(
        desk: &'a Desk,
        customers: &'a Customers<'a>,
        (before, rounds): (Before, Rounds),
        frontier: Frontier,
    ) -> Self {
        let backlog = Backlog::inherit(&frontier.wanted);
        Self {
            desk,
            customers,
            before,
            rounds,
            frontier,
            meet_at: backlog.holds_back().then(Instant::now),
            backlog,
            asked: BTreeSet::new(),
            searching: FuturesUnordered::new(),
            meeting: None,
            fetching: FuturesUnordered::new(),
            batch: Batch::default(),
            write_by: Instant::now() + WRITE_WITHIN,
            usual_bytes: USUAL_BYTES,
            found_something: false,
        }
    }

    /// Starts what can be started, then takes what is ready first. True when the last round is over.
    async fn advance(&mut self, batches: &mpsc::Sender<Placed>) -> Result<bool, Halt> {
        self.search_ahead();
        self.meet_ahead();
        self.fetch_ahead();
        let idle = self.searching.is_empty() && self.fetching.is_empty() && self.meeting.is_none();
        if idle && self.batch.is_empty() && !self.backlog.holds_back() {
            return self.end_round(batches).await;
        }
        let due = self.batch.is_full() || (idle && !self.batch.is_empty());
        let meet_at = self.meet_at.filter(|_| self.meeting.is_none());
        tokio::select! {
            Some(found) = self.searching.next(), if !self.searching.is_empty() => {
                self.take_page(found?).await?;
            }
            Some(learned) = OptionFuture::from(self.meeting.as_mut()) => {
                self.meeting = None;
                self.take_learned(learned?);
            }
            Some(retrieved) = self.fetching.next(), if !self.fetching.is_empty() => {
                self.take_retrieved(retrieved?);
            }
            room = batches.reserve(), if due => match room {
                Ok(room) => room.send(self.place_batch()),
                // Nobody writes any more: the reason is told there.
                Err(_) => return Ok(true),
            },
            () = sleep_until(self.write_by), if !self.batch.is_empty() && !due => {
                match batches.reserve().await {
                    Ok(room) => room.send(self.place_batch()),
                    Err(_) => return Ok(true),
                }
            }
            stirred = self.before.contacts.stirred(), if self.backlog.holds_back() && self.meet_at.is_none() => {
                stirred?;
                self.meet_at = Some(self.next_look());
            }
            Some(()) = OptionFuture::from(meet_at.map(sleep_until)) => {}
        }
        Ok(false)
    }

    fn search_ahead(&mut self) {
        while self.backlog.waiting() + self.searching.len() * PAGE < ENOUGH_KNOWN
            && let Some((range, question)) = self.frontier.ranges.question(&self.asked)
        {
            self.asked.insert(range);
            self.searching
                .push(search(self.desk, (range, question)).boxed());
        }
    }

    fn meet_ahead(&mut self) {
        let is_due = self.meet_at.is_some_and(|at| at <= Instant::now());
        if is_due && self.meeting.is_none() {
            self.meet_at = None;
            let before = (self.before.tags.clone(), self.before.contacts.clone());
            let strangers = self.backlog.strangers();
            self.meeting = Some(meet(self.customers, before, strangers).boxed());
        }
    }

    /// At once when the list of contacts is through.
    fn next_look(&self) -> Instant {
        let now = Instant::now();
        if self.before.contacts.is_open() {
            now
        } else {
            now + LOOK_EVERY
        }
    }

    fn fetch_ahead(&mut self) {
        let room = self.desk.room();
        while self.fetching.len() < room
            && (self.fetching.is_empty()
                || self.expected_bytes() < self.desk.sync.limits.buffer_bytes)
            && let Some(external_id) = self.backlog.next()
        {
            self.fetching
                .push(retrieve(self.desk, self.customers, external_id).boxed());
        }
    }

    /// Bytes held, and what is under way is taken to bring.
    fn expected_bytes(&self) -> usize {
        // One batch waits, one is being written.
        3 * self.batch.size_bytes + (self.fetching.len() + 1) * self.usual_bytes
    }

    async fn take_page(&mut self, searched: Searched) -> Result<(), Halt> {
        let Searched { range, page } = searched;
        let Page {
            items,
            unreadable,
            next,
            total,
            ..
        } = page;
        if unreadable > 0 {
            let message = format!("{unreadable} conversations without an id were left out");
            self.desk.notes.warning(message, None);
        }
        if let Some(total) = total.filter(|_| !self.frontier.catches_up()) {
            // The first question is about all of it.
            self.batch.tally.expect_at_first(Kind::Conversations, total);
        }
        let next = next.map(|next| next.as_str().to_owned());
        let new = self.frontier.ranges.take(range, items, next, total);
        self.asked.remove(&range);
        let new = if self.frontier.catches_up() {
            unread(self.desk, new).await?
        } else {
            new.into_iter().map(Unread::news).collect()
        };
        for unread in &new {
            self.backlog.add(unread);
        }
        if !new.is_empty() {
            self.meet_at = Some(Instant::now());
        }
        self.batch.moved = true;
        Ok(())
    }

    /// Contacts have been looked at: whose conversations are known now?
    fn take_learned(&mut self, learned: Learned) {
        self.batch.moved |= !learned.is_empty();
        self.batch.learned.append(learned);
        if self.before.contacts.is_open() {
            self.backlog.release_inherited();
        }
        let released = self.backlog.release(self.customers);
        self.found_something |= released.news > 0;
        self.leave_out(released.nobodys);
    }

    /// Conversations without a customer.
    fn leave_out(&mut self, nobodys: Vec<String>) {
        if !self.frontier.catches_up() {
            let how_many = nobodys.len() as u64;
            let tally = &mut self.batch.tally;
            tally.skip(Kind::Conversations, Skip::NoKnownContact, how_many);
        }
        self.batch.dealt_with.extend(nobodys);
    }

    fn take_retrieved(&mut self, retrieved: Retrieved) {
        let Retrieved {
            external_id,
            record,
            learned,
            gap,
            size_bytes,
        } = retrieved;
        self.usual_bytes = size_bytes.max(self.usual_bytes - self.usual_bytes / 16);
        self.batch.learned.append(learned);
        if record.is_none() && gap.is_none() {
            return self.leave_out(vec![external_id]);
        }
        self.batch.size_bytes += size_bytes;
        self.batch.records.extend(record);
        self.batch.gaps.extend(gap);
        self.batch.dealt_with.push(external_id);
    }

    /// Takes the batch away, together with the place where the run goes on once it is written.
    fn place_batch(&mut self) -> Placed {
        let batch = std::mem::take(&mut self.batch);
        self.backlog.settle(&batch.dealt_with);
        self.write_by = Instant::now() + WRITE_WITHIN;
        Placed {
            batch,
            frontier: Some(Frontier {
                wanted: self.backlog.wanted(),
                ..self.frontier.clone()
            }),
            catches_up: self.frontier.catches_up(),
        }
    }

    /// Begins the next round, or says that this was the last.
    async fn end_round(&mut self, batches: &mpsc::Sender<Placed>) -> Result<bool, Halt> {
        // What changes while others are still being read is looked for, too.
        for step in &mut self.before.catching_up {
            step.passed().await?;
        }
        let now = self.desk.sync.clock.now();
        let next = self.frontier.next_round(self.found_something, now);
        let done = next.is_none();
        let placed = Placed {
            batch: Batch::default(),
            frontier: next.clone(),
            catches_up: self.frontier.catches_up(),
        };
        if let Some(next) = next {
            self.desk.notes.info("Looks for what changed meanwhile");
            self.rounds.begins();
            self.frontier = next;
            self.found_something = false;
        } else {
            self.rounds.over();
        }
        Ok(batches.send(placed).await.is_err() || done)
    }
}
