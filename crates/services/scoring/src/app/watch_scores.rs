use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use harken_domain::{ConnectionId, CustomerId, OrganizationId, Revision};
use tokio::sync::broadcast::{
    Receiver,
    error::{RecvError, TryRecvError},
};

use super::Scoring;
use crate::outbound::postgres::{error::StoreError, standings::Standing};

/// Scores read and sent at once.
const AT_ONCE: usize = 500;

/// Scores of a connection moved.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: ConnectionId,
    pub(crate) customers: Vec<(CustomerId, Revision)>,
}

/// What watchers are told.
#[derive(Clone, Debug)]
pub(crate) enum News {
    Moved(Notice),
    /// This process stops.
    Stopping,
}

/// Whose scores somebody watches.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) organization: OrganizationId,
    pub(crate) connection: Option<ConnectionId>,
    /// `None`: all.
    pub(crate) customers: Option<BTreeSet<CustomerId>>,
}

impl Watched {
    fn of<'a>(&'a self, notice: &'a Notice) -> impl Iterator<Item = (CustomerId, Revision)> + 'a {
        let is_theirs = notice.organization == self.organization
            && self
                .connection
                .is_none_or(|connection| connection == notice.connection);
        notice
            .customers
            .iter()
            .copied()
            .filter(move |(customer, _)| {
                is_theirs
                    && self
                        .customers
                        .as_ref()
                        .is_none_or(|them| them.contains(customer))
            })
    }
}

/// Why a watch cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchEnded {
    /// Changes came faster than they were read.
    #[error("changes came faster than they were read")]
    TooSlow,
    /// This process stops.
    #[error("this process stops")]
    Stopping,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a watch tells of a customer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// Its score as it is now.
    Score(Box<Standing>),
    /// It is no customer any more.
    Gone {
        connection: ConnectionId,
        customer: CustomerId,
        revision: Revision,
    },
}

impl Told {
    fn revision(&self) -> Revision {
        match self {
            Self::Score(standing) => standing
                .score
                .as_ref()
                .map_or_else(Revision::default, |score| score.revision),
            Self::Gone { revision, .. } => *revision,
        }
    }
}

/// The newest notice of each customer.
type Moved = BTreeMap<CustomerId, (Revision, ConnectionId)>;

/// A watch; it misses nothing that moves after it was made.
#[derive(Debug)]
pub(crate) struct Watch {
    scoring: Scoring,
    watched: Watched,
    news: Receiver<Arc<News>>,
    /// Revisions that were told before their notice was heard.
    ahead: HashMap<CustomerId, Revision>,
}

impl Scoring {
    /// Begins a watch.
    pub(crate) fn watch_scores(&self, watched: Watched) -> Watch {
        Watch {
            scoring: self.clone(),
            watched,
            news: self.news.subscribe(),
            ahead: HashMap::new(),
        }
    }

    /// Tells every watch.
    pub(crate) fn tell(&self, news: News) {
        // An error says that nobody watches.
        let _ = self.news.send(Arc::new(news));
    }
}

impl Watch {
    /// Waits until scores move; answers them as they are now, each revision once, the newest last.
    pub(crate) async fn next(&mut self) -> Result<Vec<Told>, WatchEnded> {
        loop {
            let mut moved = self.moved().await?;
            moved.retain(|customer, (revision, _)| self.is_untold(*customer, *revision));
            let customers: Vec<_> = moved.keys().copied().collect();
            let mut told = Vec::with_capacity(customers.len());
            for customers in customers.chunks(AT_ONCE) {
                let organization = self.watched.organization;
                let standings = self.scoring.read_scores(organization, customers).await?;
                told.extend(standings.into_iter().map(|it| Told::Score(Box::new(it))));
            }
            for it in &told {
                self.heed(it, &mut moved);
            }
            told.extend(
                moved
                    .into_iter()
                    .map(|(customer, (revision, connection))| Told::Gone {
                        connection,
                        customer,
                        revision,
                    }),
            );
            told.sort_by_key(Told::revision);
            if !told.is_empty() {
                return Ok(told);
            }
        }
    }

    /// Whether a revision was not told yet; what is told ahead of its notice is forgotten once it comes.
    fn is_untold(&mut self, customer: CustomerId, revision: Revision) -> bool {
        match self.ahead.get(&customer) {
            Some(told) if *told > revision => false,
            Some(told) if *told == revision => {
                self.ahead.remove(&customer);
                false
            }
            _ => true,
        }
    }

    /// Takes those whose score was found off the list, and remembers those that were ahead of their notice.
    fn heed(&mut self, told: &Told, moved: &mut Moved) {
        let Told::Score(standing) = told else { return };
        let customer = standing.customer.id;
        let heard = moved.remove(&customer);
        if heard.is_some_and(|(revision, _)| told.revision() > revision) {
            self.ahead.insert(customer, told.revision());
        }
    }

    /// At least one customer who moved, and whoever else did by now.
    async fn moved(&mut self) -> Result<Moved, WatchEnded> {
        let mut moved = Moved::new();
        while moved.is_empty() {
            match self.news.recv().await {
                Ok(news) => self.hear(&news, &mut moved)?,
                Err(RecvError::Lagged(_)) => return Err(WatchEnded::TooSlow),
                Err(RecvError::Closed) => return Err(WatchEnded::Stopping),
            }
        }
        while moved.len() < AT_ONCE {
            match self.news.try_recv() {
                Ok(news) => self.hear(&news, &mut moved)?,
                Err(TryRecvError::Lagged(_)) => return Err(WatchEnded::TooSlow),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        Ok(moved)
    }

    fn hear(&self, news: &News, moved: &mut Moved) -> Result<(), WatchEnded> {
        match news {
            News::Moved(notice) => {
                for (customer, revision) in self.watched.of(notice) {
                    let newest = moved
                        .entry(customer)
                        .or_insert((revision, notice.connection));
                    newest.0 = newest.0.max(revision);
                }
                Ok(())
            }
            News::Stopping => Err(WatchEnded::Stopping),
        }
    }
}
