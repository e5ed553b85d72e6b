//! Lets plausible things happen by themselves in the workspaces that have the app.

pub(crate) mod churn;
mod scene;
#[cfg(test)]
mod tests;
mod upheaval;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::app::{App, Shared};
use crate::story::{Chance, Seed};
use crate::world::Workspace;
use scene::Scene;

/// How much happens; 0 is nothing.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    per_minute: AtomicU64,
    changed: Notify,
}

impl Pace {
    pub(crate) fn new(per_minute: u64) -> Self {
        Self {
            per_minute: AtomicU64::new(per_minute),
            changed: Notify::default(),
        }
    }

    pub(crate) fn set(&self, per_minute: u64) {
        self.per_minute.store(per_minute, Ordering::Relaxed);
        self.changed.notify_one();
    }

    pub(crate) fn get(&self) -> u64 {
        self.per_minute.load(Ordering::Relaxed)
    }
}

/// Tells until it is dropped.
pub(crate) async fn run(app: Shared) {
    let mut due = Instant::now();
    let mut turn = 0;
    loop {
        let per_minute = app.pace.get();
        if per_minute == 0 {
            app.pace.changed.notified().await;
            due = Instant::now();
            continue;
        }
        due += Duration::from_mins(1) / u32::try_from(per_minute).unwrap_or(u32::MAX);
        tokio::select! {
            () = sleep_until(due) => {
                turn += 1;
                go_on(&app, turn);
            }
            () = app.pace.changed.notified() => due = Instant::now(),
        }
    }
}

/// One thing happens in one of the workspaces.
fn go_on(app: &App, turn: u64) {
    let installed = app.workspaces.iter();
    let installed: Vec<&Workspace> = installed
        .filter(|workspace| app.register.is_installed(workspace.key))
        .collect();
    let seed = Seed::new(app.config.seed);
    // A restarted simulator does not tell the same again.
    let told: u64 = installed.iter().map(|each| each.look().revision()).sum();
    let mut chance = seed.of("storyteller", told).chance();
    let mut chance = seed.of("turn", turn ^ chance.next()).chance();
    let Some(workspace) = installed.get(chance.index(installed.len())) else {
        return;
    };
    play(app, workspace, &mut chance);
}

fn play(app: &App, workspace: &Workspace, draws: &mut Chance) {
    let at = app.now_secs();
    let scene = scene::next(&workspace.look(), draws, at);
    // What a person did in between may leave a scene without sense; then nothing happens.
    let _ = match scene {
        Scene::Change(change) => app.happen(workspace, change),
        Scene::Stranger(added, mut started) => {
            app.add_contact(workspace, added).and_then(|contact| {
                started.contact = contact;
                app.start_conversation(workspace, started)
            })
        }
    };
}
