use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::{Poster, request};
use crate::deployment::Workspace;
use crate::ledger::{Attempt, Ledger};

/// Sendings of one notification before it counts as refused for good.
const TRIES: u32 = 20;
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Sends what stands at `places` of a ledger, in this order, each until it is taken; a place may come many times.
pub async fn post_all(
    edge: SocketAddr,
    workspace: &Workspace,
    ledger: Ledger,
    places: Vec<usize>,
    senders: u32,
) -> Result<Ledger> {
    let shared = Arc::new(Mutex::new(Shared {
        workspace: workspace.clone(),
        ledger,
        places: places.into_iter(),
    }));
    let mut running = JoinSet::new();
    for _ in 0..senders {
        running.spawn(send(Arc::clone(&shared), Poster::new(edge)));
    }
    while let Some(sent) = running.join_next().await {
        sent??;
    }
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut shared.ledger))
}

struct Shared {
    workspace: Workspace,
    ledger: Ledger,
    places: std::vec::IntoIter<usize>,
}

async fn send(shared: Arc<Mutex<Shared>>, mut poster: Poster) -> Result<()> {
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some((place, bytes)) = lock().next() else {
            return Ok(());
        };
        let mut is_taken = false;
        for _ in 0..TRIES {
            let sent_at = Instant::now();
            let (answer, took) = poster.send(&bytes).await;
            let attempt = Attempt {
                sent_at,
                took,
                answer,
            };
            is_taken = attempt.is_success();
            lock().ledger.note(place, attempt);
            if is_taken {
                break;
            }
            sleep(AGAIN_AFTER).await;
        }
        ensure!(is_taken, "a notification was never taken");
    }
}

impl Shared {
    fn next(&mut self) -> Option<(usize, Vec<u8>)> {
        let place = self.places.next()?;
        let body = &self.ledger.entries()[place].notification.body;
        Some((
            place,
            request(&self.workspace.path(), &self.workspace.secret, body),
        ))
    }
}
