//! Rows 2 to 5.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::verdict::{kept, slowest};
use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::ledger::{Attempt, Ledger, audit};
use crate::traffic::{Pace, Story, Traffic, Truth};

const ANSWERED_WITHIN: Duration = Duration::from_millis(500);
/// What both being away may cost.
const REFUSED_WITHIN: Duration = Duration::from_millis(450);
/// Before and after the fault.
const CALM: Duration = Duration::from_secs(2);
/// A store that was asked to stop may still take what is under way.
const STOPPING: Duration = Duration::from_secs(1);

/// A workspace under load.
struct Scene {
    workspace: Workspace,
    traffic: Traffic,
}

/// What was left when it ended.
struct Left {
    workspace: Workspace,
    ledger: Ledger,
    truth: Truth,
}

impl Scene {
    async fn open(deployment: &Deployment, label: &str, scale: Scale) -> Result<Self> {
        let workspace = deployment.tenant().open_workspace(label).await?;
        let pace = Pace {
            per_sec: scale.pick(25, 50, 200),
            senders: 32,
        };
        let story = Story::of(&workspace, rand::random());
        let traffic = Traffic::begin(deployment.edge(), &workspace, story, pace);
        sleep(CALM).await;
        Ok(Self { workspace, traffic })
    }

    async fn close(self) -> Result<Left> {
        sleep(CALM).await;
        let (ledger, truth) = self.traffic.end().await?;
        Ok(Left {
            workspace: self.workspace,
            ledger,
            truth,
        })
    }
}

impl Left {
    /// Nothing was refused or late, nothing is lost or dead.
    async fn judge(&self, deployment: &Deployment, verdict: &mut Verdict) -> Result<()> {
        verdict.expect_all_taken(self.ledger.all_attempts());
        let slowest = slowest(self.ledger.all_attempts());
        verdict.expect_within(slowest, ANSWERED_WITHIN, "slowest answer");
        verdict.expect(true, kept(self.ledger.all_attempts()));
        self.audit(deployment, verdict).await
    }

    async fn audit(&self, deployment: &Deployment, verdict: &mut Verdict) -> Result<()> {
        let audit = audit(deployment, &self.workspace, &self.ledger, &self.truth).await?;
        verdict.expect_sound(&audit);
        verdict.expect(audit.dead == 0, format!("{} dead letters", audit.dead));
        Ok(())
    }
}

pub(super) async fn bus_falls(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let away = Duration::from_secs(scale.pick(3, 5, 15).into());
    let scene = Scene::open(deployment, "row 2", scale).await?;
    for _ in 0..scale.pick(1, 2, 10) {
        deployment.nats.pause()?;
        sleep(away).await;
        deployment.nats.resume()?;
        sleep(CALM).await;
        deployment.nats.kill().await?;
        sleep(away).await;
        deployment.nats.start().await?;
        sleep(CALM).await;
    }
    scene.close().await?.judge(deployment, &mut verdict).await?;
    Ok(verdict)
}

pub(super) async fn bus_away(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let scene = Scene::open(deployment, "row 3", scale).await?;
    deployment.nats.stop().await;
    sleep(minutes(scale)).await;
    deployment.nats.start().await?;
    scene.close().await?.judge(deployment, &mut verdict).await?;
    Ok(verdict)
}

pub(super) async fn tables_away(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let scene = Scene::open(deployment, "row 4", scale).await?;
    deployment.postgres.stop().await;
    sleep(minutes(scale)).await;
    deployment.postgres.start().await?;
    scene.close().await?.judge(deployment, &mut verdict).await?;
    Ok(verdict)
}

pub(super) async fn both_away(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let scene = Scene::open(deployment, "row 5", scale).await?;
    tokio::join!(deployment.nats.stop(), deployment.postgres.stop());
    sleep(STOPPING).await;
    let from = Instant::now();
    sleep(Duration::from_secs(scale.pick(5, 10, 60).into())).await;
    let to = Instant::now();
    sleep(STOPPING).await;
    deployment.postgres.start().await?;
    deployment.nats.start().await?;
    let left = scene.close().await?;

    let during: Vec<&Attempt> = left.ledger.attempts(from, to).collect();
    let refused = during
        .iter()
        .filter(|attempt| attempt.status() == Some(503));
    let refused = refused.count();
    let words = format!(
        "{refused} of {} answers 503 while both were away",
        during.len()
    );
    verdict.expect(refused == during.len() && refused > 0, words);
    let slowest = slowest(during.into_iter());
    verdict.expect_within(slowest, REFUSED_WITHIN, "slowest refusal");
    left.audit(deployment, &mut verdict).await?;
    Ok(verdict)
}

fn minutes(scale: Scale) -> Duration {
    Duration::from_secs(scale.pick(5, 20, 180).into())
}
