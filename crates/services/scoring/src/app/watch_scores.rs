use std::{collections::BTreeSet, sync::Arc};

use harken_domain::{ConnectionId, CustomerId, OrganizationId};
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
    pub(crate) customers: Vec<CustomerId>,
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
    fn of<'a>(&'a self, notice: &'a Notice) -> impl Iterator<Item = CustomerId> + 'a {
        let is_theirs = notice.organization == self.organization
            && self
                .connection
                .is_none_or(|connection| connection == notice.connection);
        notice.customers.iter().copied().filter(move |customer| {
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

/// A watch; it misses nothing that moves after it was made.
#[derive(Debug)]
pub(crate) struct Watch {
    scoring: Scoring,
    watched: Watched,
    news: Receiver<Arc<News>>,
}

impl Scoring {
    /// Begins a watch.
    pub(crate) fn watch_scores(&self, watched: Watched) -> Watch {
        Watch {
            scoring: self.clone(),
            watched,
            news: self.news.subscribe(),
        }
    }

    /// Tells every watch.
    pub(crate) fn tell(&self, news: News) {
        // An error says that nobody watches.
        let _ = self.news.send(Arc::new(news));
    }
}

impl Watch {
    /// Waits until scores move; answers them as they are now, each once however often it moved meanwhile.
    pub(crate) async fn next(&mut self) -> Result<Vec<Standing>, WatchEnded> {
        loop {
            let moved = self.moved().await?;
            let moved: Vec<_> = moved.into_iter().collect();
            let mut standings = Vec::with_capacity(moved.len());
            for customers in moved.chunks(AT_ONCE) {
                let organization = self.watched.organization;
                standings.extend(self.scoring.read_scores(organization, customers).await?);
            }
            if !standings.is_empty() {
                return Ok(standings);
            }
        }
    }

    /// At least one customer who moved, and whoever else did by now.
    async fn moved(&mut self) -> Result<BTreeSet<CustomerId>, WatchEnded> {
        let mut moved = BTreeSet::new();
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

    fn hear(&self, news: &News, moved: &mut BTreeSet<CustomerId>) -> Result<(), WatchEnded> {
        match news {
            News::Moved(notice) => {
                moved.extend(self.watched.of(notice));
                Ok(())
            }
            News::Stopping => Err(WatchEnded::Stopping),
        }
    }
}
