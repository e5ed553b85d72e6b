//! Row 27.

use std::time::Duration;

use anyhow::Result;
use harken_contracts::wire::sync::v1::RunState;
use tokio::time::sleep;

use super::{compare, flags};
use crate::deployment::Deployment;
use crate::faults::{Scale, Verdict};

pub(in crate::faults) async fn run(scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = flags(&[
        ("contacts", 150),
        ("conversations", scale.pick(500, 1500, 5000)),
        ("latency-ms", 30),
        ("rate-per-minute", 0),
    ]);
    let settings = [("HARKEN_SYNC_IN_FLIGHT", "4")];
    let mut deployment = Deployment::open_beside(&workspace, &settings).await?;
    let connection = deployment.tenant().connect().await?;
    let away = Duration::from_secs(scale.pick(3, 20, 180).into());
    let between = u64::from(scale.pick(60, 150, 500));
    for store in ["Postgres", "NATS"] {
        let asked = deployment.intercom()?.requests().await?;
        deployment.intercom()?.asked(asked + between).await?;
        let server = match store {
            "Postgres" => &mut deployment.postgres,
            _ => &mut deployment.nats,
        };
        server.stop().await;
        sleep(away).await;
        server.start().await?;
        let run = deployment.tenant().latest_run(connection).await;
        let goes_on = run.is_none_or(|run| run.ended_at.is_none());
        let words = format!(
            "{store} away for {} s while the run went on",
            away.as_secs()
        );
        verdict.expect(goes_on, words);
    }
    let run = deployment.tenant().ended_run(connection).await?;
    let words = format!("it ended {} {}", run.state().as_str_name(), run.reason);
    verdict.expect(run.state() != RunState::Failed, words);
    crate::ledger::rest(&deployment).await?;
    verdict.expect_same("mirror", &compare(&deployment, connection).await?);
    Ok(verdict)
}
