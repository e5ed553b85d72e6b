//! Row 9.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::sleep;

use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::ledger::audit;
use crate::traffic::{Pace, Poster, Story, Traffic, request};

mod corpus;

const MAX_GROWTH_MIB: f64 = 96.0;
/// A body over the limit may be refused before it was read whole, which breaks the connection.
const LIMIT_BYTES: usize = 1024 * 1024;

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 9").await?;
    let other = deployment.tenant().open_workspace("row 9, others").await?;
    let pace = Pace {
        per_sec: 20,
        senders: 4,
    };
    let traffic = Traffic::begin(deployment.edge(), &other, Story::of(&other, 9), pace);
    let pids = pids(deployment)?;
    // A first round, so that memory is what it is in daily life.
    let bodies = corpus::bodies(&workspace, scale.pick(600, 5_200, 50_000) as usize);
    let warm_up = bodies.len() / 5;
    let mut counts = BTreeMap::new();
    post(deployment, &workspace, &bodies[..warm_up], &mut counts).await?;
    let before = deployment.peak_memory_mib("ingress")?;
    post(deployment, &workspace, &bodies[warm_up..], &mut counts).await?;
    let grown = deployment.peak_memory_mib("ingress")? - before;
    sleep(Duration::from_secs(1)).await;
    let (ledger, truth) = traffic.end().await?;

    let is_right = |status: &Option<u16>| matches!(status, Some(200 | 400..=499));
    let wrong: usize = counts
        .iter()
        .filter(|(status, _)| !is_right(status))
        .map(|(_, count)| count)
        .sum();
    let words: Vec<String> = counts
        .iter()
        .map(|(status, count)| match status {
            Some(status) => format!("{count} × {status}"),
            None => format!("{count} without an answer"),
        })
        .collect();
    verdict.expect(
        wrong == 0,
        format!("{} bodies: {}", bodies.len(), words.join(", ")),
    );
    verdict.expect(self::pids(deployment)? == pids, "every process lives");
    let panics = deployment.panics();
    let some = panics.first().cloned().unwrap_or_default();
    verdict.expect(panics.is_empty(), format!("{} panics {some}", panics.len()));
    verdict.expect(
        grown <= MAX_GROWTH_MIB,
        format!("peak memory of ingress {before:.0} MiB, then {grown:.0} more"),
    );
    verdict.expect_all_taken(ledger.all_attempts());
    let audit = audit(deployment, &other, &ledger, &truth).await?;
    verdict.expect_sound(&audit);
    Ok(verdict)
}

/// Posts each once and counts what was answered.
async fn post(
    deployment: &Deployment,
    workspace: &Workspace,
    bodies: &[Vec<u8>],
    counts: &mut BTreeMap<Option<u16>, usize>,
) -> Result<()> {
    let mut poster = Poster::new(deployment.edge());
    for body in bodies {
        let bytes = request(&workspace.path(), &workspace.secret, body);
        let (answer, _) = poster.send(&bytes).await;
        let status = match answer {
            Ok(answer) => Some(answer.status),
            Err(_) if body.len() > LIMIT_BYTES => Some(413),
            Err(_) => None,
        };
        *counts.entry(status).or_default() += 1;
    }
    Ok(())
}

fn pids(deployment: &mut Deployment) -> Result<Vec<u32>> {
    let pids = crate::deployment::SERVICES.iter().map(|name| {
        let pid = deployment.service(name).pid();
        pid.context("a service has ended")
    });
    pids.collect()
}
