//! Searches ahead and fetches what the search found, bounded by number and by memory.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use futures::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, OptionFuture},
    stream::FuturesUnordered,
};
use harken_intercom::{Cursor, Page, SearchWindow, SortOrder, models::Conversation};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    batch::{Batch, Placed},
    retrieve::{Retrieved, retrieve},
};
use crate::{
    app::run::{
        Desk, Halt,
        customers::{Customers, Learned},
    },
    outbound::postgres::conversations,
    rules::{
        TagNames,
        checkpoint::Frontier,
        contact_ids_of,
        counts::{Kind, Skip},
        search::{Found, Question},
    },
};

/// The search goes on while fewer than this are known that wait to be fetched.
const ENOUGH_KNOWN: usize = 300;
/// What is there is written at least this often.
const WRITE_WITHIN: Duration = Duration::from_millis(500);
/// What a conversation is taken to need before the first has been seen.
const USUAL_BYTES: usize = 64 * 1024;

impl Found for Conversation {
    fn id(&self) -> &str {
        &self.id
    }

    fn updated_at(&self) -> Option<i64> {
        self.updated_at.map(|at| at.timestamp())
    }
}

/// A page whose people have been met.
type Searched = Result<(Page<Conversation>, Learned), Halt>;

/// Gathers until nothing is left, round after round.
pub(super) async fn gather(
    desk: &Desk,
    names: &TagNames,
    frontier: Frontier,
    batches: mpsc::Sender<Placed>,
) -> Result<(), Halt> {
    let customers = Customers::new(desk, names);
    let mut gathering = Gathering::new(desk, &customers, frontier);
    while !gathering.advance(&batches).await? {}
    Ok(())
}

struct Gathering<'a> {
    desk: &'a Desk,
    customers: &'a Customers<'a>,
    frontier: Frontier,
    /// Known and not yet written; what of the frontier is `wanted`.
    wanted: BTreeSet<String>,
    /// Of these, not yet asked for.
    queue: VecDeque<String>,
    searching: Option<BoxFuture<'a, Searched>>,
    fetching: FuturesUnordered<BoxFuture<'a, Result<Retrieved, Halt>>>,
    batch: Batch,
    write_by: Instant,
    /// What the largest of the last conversations needed.
    usual_bytes: usize,
    found_something: bool,
}

impl<'a> Gathering<'a> {
    fn new(desk: &'a Desk, customers: &'a Customers<'a>, frontier: Frontier) -> Self {
        Self {
            desk,
            customers,
            wanted: frontier.wanted.iter().cloned().collect(),
            queue: frontier.wanted.iter().cloned().collect(),
            frontier,
            searching: None,
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
        self.fetch_ahead();
        let idle = self.searching.is_none() && self.fetching.is_empty();
        if idle && self.batch.is_empty() {
            return self.end_round(batches).await;
        }
        let due = self.batch.is_full() || (idle && !self.batch.is_empty());
        tokio::select! {
            Some(found) = OptionFuture::from(self.searching.as_mut()) => {
                self.searching = None;
                let (page, learned) = found?;
                self.take_page(page, learned).await?;
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
        }
        Ok(false)
    }

    fn search_ahead(&mut self) {
        if self.searching.is_none()
            && self.queue.len() < ENOUGH_KNOWN
            && let Some(question) = self.frontier.span.question()
        {
            self.searching = Some(search(self.desk, self.customers, question).boxed());
        }
    }

    fn fetch_ahead(&mut self) {
        let limits = &self.desk.sync.limits;
        while self.fetching.len() < limits.in_flight
            && (self.fetching.is_empty() || self.expected_bytes() < limits.buffer_bytes)
            && let Some(external_id) = self.queue.pop_front()
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

    async fn take_page(&mut self, page: Page<Conversation>, learned: Learned) -> Result<(), Halt> {
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
            self.batch.tally.expect_at_first(Kind::Conversations, total);
        }
        let new = self
            .frontier
            .span
            .take(items, next.map(|next| next.as_str().to_owned()));
        let new = if self.frontier.catches_up() {
            without_held(self.desk, new).await?
        } else {
            new
        };
        let mut strangers = 0;
        for conversation in new {
            if self
                .customers
                .among(&contact_ids_of(&conversation))
                .is_empty()
            {
                strangers += 1;
            } else if self.wanted.insert(conversation.id.clone()) {
                self.queue.push_back(conversation.id);
                self.found_something = true;
            }
        }
        if !self.frontier.catches_up() {
            self.batch
                .tally
                .skip(Kind::Conversations, Skip::NoKnownContact, strangers);
        }
        self.batch.learned.append(learned);
        self.batch.moved = true;
        Ok(())
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
        if record.is_none() && gap.is_none() && !self.frontier.catches_up() {
            self.batch
                .tally
                .skip(Kind::Conversations, Skip::NoKnownContact, 1);
        }
        self.batch.size_bytes += size_bytes;
        self.batch.records.extend(record);
        self.batch.gaps.extend(gap);
        self.batch.learned.append(learned);
        self.batch.dealt_with.push(external_id);
    }

    /// Takes the batch away, together with the place where the run goes on once it is written.
    fn place_batch(&mut self) -> Placed {
        let batch = std::mem::take(&mut self.batch);
        for id in &batch.dealt_with {
            self.wanted.remove(id);
        }
        self.write_by = Instant::now() + WRITE_WITHIN;
        let wanted = self.wanted.iter().cloned().collect();
        Placed {
            batch,
            frontier: Some(Frontier {
                wanted,
                ..self.frontier.clone()
            }),
            catches_up: self.frontier.catches_up(),
        }
    }

    /// Begins the next round, or says that this was the last.
    async fn end_round(&mut self, batches: &mpsc::Sender<Placed>) -> Result<bool, Halt> {
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
            self.frontier = next;
            self.found_something = false;
        }
        Ok(batches.send(placed).await.is_err() || done)
    }
}

/// Asks the search, and meets the people of the answer.
async fn search(desk: &Desk, customers: &Customers<'_>, question: Question) -> Searched {
    let window = SearchWindow {
        after: question.after,
        before: question.before,
    };
    let cursor = question.cursor.map(Cursor::from_stored);
    let page = desk
        .need(Kind::Conversations, || {
            desk.reader
                .search_conversations(window, SortOrder::Descending, cursor.as_ref())
        })
        .await?;
    let people = page.items.iter().flat_map(contact_ids_of).collect();
    let learned = customers.meet(people).await?;
    Ok((page, learned))
}

/// Later rounds overlap with earlier ones: what the mirror holds as it is now is not fetched again.
async fn without_held(desk: &Desk, found: Vec<Conversation>) -> Result<Vec<Conversation>, Halt> {
    let ids: Vec<&str> = found
        .iter()
        .map(|conversation| conversation.id.as_str())
        .collect();
    let mut store = desk.sync.store.begin().await?;
    let held = conversations::find_updated_at(&mut store, desk.connection, &ids).await?;
    let is_new = |conversation: &Conversation| {
        held.get(&conversation.id).copied() != conversation.updated_at
    };
    Ok(found.into_iter().filter(is_new).collect())
}
