//! Row 26: records change while they are imported.

use std::time::Duration;

use anyhow::{Result, ensure};
use harken_contracts::wire::sync::v1::{RunKind, RunState};
use harken_contracts::wire::vault::v1::SetWebhookSecretRequest;
use harken_domain::ConnectionId;
use tokio::time::{Instant, sleep};

use super::{compare, flags};
use crate::deployment::Deployment;
use crate::faults::{Scale, Verdict};
use crate::intercom::{Churned, Comparison};
use crate::ledger::{rest, untraced};

const PER_SECOND: u32 = 20;
const SEEDS: u32 = 10;
/// How long a new contact is in no search yet.
const SEARCH_LAG_SECS: u32 = 3;
/// The key that a workspace's own app signs with.
pub(super) const OWN_SECRET: &str = "the-client-secret-of-the-workspaces-own-app";

/// What one seed showed.
struct Shown {
    churned: Churned,
    comparison: Comparison,
    run: &'static str,
    took: Duration,
}

pub(in crate::faults) async fn run(scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    // In brief one seed without webhooks, and one with.
    let brief = || [(1, false), (2, true)].to_vec();
    let all = || {
        (1..=SEEDS)
            .flat_map(|seed| [(seed, false), (seed, true)])
            .collect()
    };
    let imports: Vec<(u32, bool)> = if scale == Scale::Brief {
        brief()
    } else {
        all()
    };
    for (seed, with_webhooks) in imports {
        let deployment = Deployment::open_beside(&workspace(seed, scale), &[]).await?;
        let shown = import(&deployment, seed.into(), with_webhooks).await?;
        judge(&mut verdict, seed, with_webhooks, &shown);
    }
    Ok(verdict)
}

/// Large enough, and slow enough, that an import takes its time.
fn workspace(seed: u32, scale: Scale) -> Vec<String> {
    flags(&[
        ("seed", seed),
        ("contacts", scale.pick(150, 300, 1000)),
        ("conversations", scale.pick(300, 900, 4000)),
        ("rate-per-minute", scale.pick(1800, 2400, 3000)),
        ("search-lag-secs", SEARCH_LAG_SECS),
    ])
}

fn judge(verdict: &mut Verdict, seed: u32, with_webhooks: bool, shown: &Shown) {
    let Shown {
        churned,
        comparison,
        run,
        took,
    } = shown;
    let of = |kind| churned.kinds.get(kind).copied().unwrap_or_default();
    let words = format!(
        "seed {seed}, webhooks {}: {} changes ({} conversations and {} contacts deleted, {} merged) in {:.0} s, {run}; {}",
        if with_webhooks { "on " } else { "off" },
        churned.changes,
        of("conversation deleted"),
        of("contact deleted"),
        of("lead merged"),
        took.as_secs_f64(),
        comparison.words()
    );
    verdict.expect(comparison.is_same(), words);
    for example in comparison.examples() {
        verdict.expect(false, format!("  {example}"));
    }
}

/// Imports while everything changes, then reads what changed beyond the import's bound.
async fn import(deployment: &Deployment, seed: u64, with_webhooks: bool) -> Result<Shown> {
    let tenant = deployment.tenant();
    let intercom = deployment.intercom()?;
    let begun = Instant::now();
    intercom.churn(PER_SECOND, seed).await?;
    let connection = tenant.connect().await?;
    if with_webhooks {
        listen(deployment, connection, 0.0).await?;
    }
    let first = tenant.ended_run(connection).await?;
    let churned = intercom.churn(0, seed).await?;
    let took = begun.elapsed();
    sleep(Duration::from_secs(SEARCH_LAG_SECS.into())).await;
    settled(deployment, connection).await?;
    // No list tells which contacts are gone: without webhooks only a full run finds that out.
    let kind = if with_webhooks {
        RunKind::Incremental
    } else {
        RunKind::Full
    };
    let second = tenant.run(connection, kind).await?;
    settled(deployment, connection).await?;
    let run = match (first.state(), second.state()) {
        (RunState::Failed, _) | (_, RunState::Failed) => "a run failed",
        _ => "both runs ended",
    };
    Ok(Shown {
        churned,
        comparison: compare(deployment, connection).await?,
        run,
        took,
    })
}

/// Lets the workspace's own app post what happens to the edge, and loses this share on the way.
pub(super) async fn listen(
    deployment: &Deployment,
    connection: ConnectionId,
    drops: f64,
) -> Result<()> {
    let request = SetWebhookSecretRequest {
        connection_id: connection.to_string(),
        secret: OWN_SECRET.to_owned(),
        grace_secs: None,
    };
    let mut vault = deployment.tenant().vault();
    vault.set_webhook_secret(request).await?;
    let edge = deployment.edge();
    let url = format!("http://{edge}/api/v1/webhooks/intercom/{connection}");
    deployment.intercom()?.notify(&url, OWN_SECRET, drops).await
}

/// Waits until every notification had its effect and nothing waits to be fetched.
pub(super) async fn settled(deployment: &Deployment, connection: ConnectionId) -> Result<()> {
    let tenant = deployment.tenant();
    let sent = deployment.intercom()?.sent().await?;
    let delivered = sent.iter().filter(|sent| !sent.is_lost());
    let ids: Vec<&str> = delivered.filter_map(|sent| sent.id.as_deref()).collect();
    let lost = untraced(tenant, connection, &ids).await?;
    ensure!(lost.is_empty(), "notifications without a trace: {lost:?}");
    rest(deployment).await?;
    tenant.repaired(connection).await
}
