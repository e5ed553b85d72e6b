//! Upheaval at a set pace in one workspace, so that whoever reads it meanwhile has something to miss.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::scene::Scene;
use super::upheaval;
use crate::app::{App, Shared};
use crate::story::Seed;
use crate::world::{Refused, Workspace};

/// Draws for one change; what makes no sense as things stand is drawn again.
const MOST_DRAWS: u64 = 16;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Churn {
    /// Key or id.
    pub(crate) workspace: String,
    /// 0 is nothing.
    pub(crate) per_second: u32,
    /// Another one draws other changes.
    #[serde(default)]
    pub(crate) seed: u64,
}

/// What goes on, and what has been changed since it was last asked for.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Churned {
    #[serde(flatten)]
    churn: Option<Churn>,
    changes: u64,
    /// By what happened.
    kinds: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Churner {
    churned: Mutex<Churned>,
    changed: Notify,
}

impl Churner {
    pub(crate) fn new(churn: Option<Churn>) -> Self {
        let churner = Self::default();
        churner.lock().churn = churn;
        churner
    }

    /// Begins to count anew.
    pub(crate) fn set(&self, churn: Churn) {
        let mut churned = self.lock();
        // Asked to stop, it still tells what there was.
        if churn.per_second > 0 {
            *churned = Churned::default();
        }
        churned.churn = Some(churn);
        drop(churned);
        self.changed.notify_one();
    }

    pub(crate) fn read(&self) -> Churned {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Churned> {
        self.churned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From one change to the next, where changes are wanted.
    fn pace(&self) -> Option<Duration> {
        let per_second = self.lock().wanted()?.per_second;
        Some(Duration::from_secs(1) / per_second)
    }

    /// Makes one change if any is still wanted. Nothing is set or read in its midst, so that once told to stop,
    /// nothing happens any more.
    fn turn(&self, change: impl FnOnce(&Churn, u64) -> Option<&'static str>) {
        let mut churned = self.lock();
        let made = churned
            .wanted()
            .and_then(|churn| change(churn, churned.changes));
        if let Some(kind) = made {
            churned.changes += 1;
            *churned.kinds.entry(kind).or_default() += 1;
        }
    }
}

impl Churned {
    fn wanted(&self) -> Option<&Churn> {
        self.churn.as_ref().filter(|churn| churn.per_second > 0)
    }
}

/// Changes until it is dropped.
pub(crate) async fn run(app: Shared) {
    let mut due = Instant::now();
    loop {
        let Some(pace) = app.churner.pace() else {
            app.churner.changed.notified().await;
            due = Instant::now();
            continue;
        };
        due += pace;
        tokio::select! {
            () = sleep_until(due) => app.churner.turn(|churn, turn| change(&app, churn, turn)),
            () = app.churner.changed.notified() => due = Instant::now(),
        }
    }
}

/// Answers what happened.
fn change(app: &App, churn: &Churn, turn: u64) -> Option<&'static str> {
    let workspace = app.workspace(&churn.workspace)?;
    let seed = Seed::new(churn.seed).of("churn", turn);
    for draw in 0..MOST_DRAWS {
        let mut chance = seed.of("draw", draw).chance();
        let drawn = upheaval::next(&workspace.look(), &mut chance, app.now_secs());
        if let Some((kind, scene)) = drawn
            && happen(app, workspace, scene).is_ok()
        {
            return Some(kind);
        }
    }
    None
}

fn happen(app: &App, workspace: &Workspace, scene: Scene) -> Result<(), Refused> {
    match scene {
        Scene::Change(change) => app.happen(workspace, change)?,
        Scene::Stranger(added, mut started) => {
            started.contact = app.add_contact(workspace, added)?;
            app.start_conversation(workspace, started)?
        }
    };
    Ok(())
}
