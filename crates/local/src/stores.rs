use std::fs;
use std::future;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};
use tokio::task;

use crate::keeper::{self, Addresses};
use crate::{StoresConfig, StoresError};

/// A Postgres and a nats-server that answer, private to this process unless external ones were given.
///
/// Dropping it stops what it started and waits for that; [`Stores::stop`] does so without blocking the caller.
#[derive(Debug)]
pub struct Stores {
    addresses: Addresses,
    keeper: Option<Keeper>,
    deaths: mpsc::Receiver<StoresError>,
}

/// The thread that owns the servers; dropping this ends it and them.
#[derive(Debug)]
struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Stores {
    /// Finds, fetches, initializes and starts what is needed; returns once both stores answer.
    ///
    /// Dropping the future gives the start up: what was started by then is stopped.
    pub async fn start(config: StoresConfig) -> Result<Self, StoresError> {
        let (deaths, died) = mpsc::channel(1);
        if let (Some(database_url), Some(nats_url)) =
            (&config.external_database_url, &config.external_nats_url)
        {
            let addresses = Addresses {
                database_url: database_url.clone(),
                nats_url: nats_url.clone(),
                folders: Vec::new(),
            };
            return Ok(Self {
                addresses,
                keeper: None,
                deaths: died,
            });
        }
        let (started, outcome) = oneshot::channel();
        let (stop, stopped) = channel();
        let path = config.state_dir.clone();
        let thread = thread::Builder::new()
            .name("stores".to_owned())
            .spawn(move || keeper::keep(&config, started, &stopped, &deaths))
            .map_err(StoresError::io("start a thread for", &path))?;
        let keeper = Keeper {
            stop: Some(stop),
            thread: Some(thread),
        };
        // Declared after the keeper, so that a dropped start is noticed before its end is waited for.
        let outcome = outcome;
        let addresses = outcome.await.unwrap_or(Err(StoresError::GivenUp))?;
        Ok(Self {
            addresses,
            keeper: Some(keeper),
            deaths: died,
        })
    }

    /// `postgres://…`, password included: not for logs.
    pub fn database_url(&self) -> &str {
        &self.addresses.database_url
    }

    /// `nats://…`, password included: not for logs.
    pub fn nats_url(&self) -> &str {
        &self.addresses.nats_url
    }

    /// Resolves when a store we started has ended by itself, which nothing recovers from but a restart.
    pub async fn died(&mut self) -> StoresError {
        match self.deaths.recv().await {
            Some(death) => death,
            None => future::pending().await,
        }
    }

    /// Stops what was started and waits until it is gone; does nothing the second time.
    pub async fn stop(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            let _ = task::spawn_blocking(|| drop(keeper)).await;
        }
    }

    /// Stops, then removes the state folder and all data.
    pub async fn erase(mut self) -> Result<(), StoresError> {
        self.stop().await;
        remove(std::mem::take(&mut self.addresses.folders))
    }
}

fn remove(folders: Vec<PathBuf>) -> Result<(), StoresError> {
    for folder in folders.into_iter().rev() {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(StoresError::io("remove", &folder))?;
        }
    }
    Ok(())
}
