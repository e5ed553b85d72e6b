//! Row 19.

use anyhow::Result;
use harken_contracts::wire::sync::v1::{RunKind, RunState};
use harken_contracts::wire::vault::v1::ConnectionState;
use tokio::time::Instant;

use super::{compare, flags};
use crate::deployment::Deployment;
use crate::faults::{Scale, Verdict};
use crate::until;

pub(in crate::faults) async fn run(scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = flags(&[
        ("contacts", scale.pick(100, 300, 1000)),
        ("conversations", scale.pick(400, 1200, 4000)),
        ("latency-ms", 20),
        ("rate-per-minute", 0),
    ]);
    let settings = [("HARKEN_SYNC_IN_FLIGHT", "4")];
    let deployment = Deployment::open_beside(&workspace, &settings).await?;
    let (tenant, intercom) = (deployment.tenant(), deployment.intercom()?);
    let connection = tenant.consent(intercom).await?;
    until("conversations are being written", async || {
        let counts = tenant.latest_run(connection).await?.counts;
        let mut counts = counts.iter();
        let written = counts.find(|counts| counts.kind == "conversations")?;
        (written.written > 0).then_some(())
    })
    .await?;
    intercom.revoke().await?;
    let (revoked_at, asked) = (Instant::now(), intercom.requests().await?);
    let state = until("the connection is no longer connected", async || {
        let found = tenant.connection(connection).await.ok()?;
        (found.state() != ConnectionState::Connected).then_some(found)
    })
    .await?;
    let words = format!(
        "{} after {} ms: “{}”",
        state.state().as_str_name(),
        revoked_at.elapsed().as_millis(),
        state.state_reason
    );
    let is_told = state.state() == ConnectionState::Disconnected && !state.state_reason.is_empty();
    verdict.expect(is_told, words);
    let run = tenant.ended_run(connection).await?;
    let words = format!(
        "the run ended {}: “{}”",
        run.state().as_str_name(),
        run.reason
    );
    verdict.expect(
        run.state() == RunState::Failed && !run.reason.is_empty(),
        words,
    );
    let more = intercom.requests().await? - asked;
    verdict.expect(
        more <= 16,
        format!("{more} more requests reached Intercom (≤ 16)"),
    );
    let kept = tenant.held(connection).await?.conversation_count();
    verdict.expect(kept > 0, format!("{kept} conversations are kept meanwhile"));

    let again = tenant.consent(intercom).await?;
    verdict.expect(
        again == connection,
        "connected again, it is the same connection",
    );
    until("a run begins by itself", async || {
        let latest = tenant.latest_run(connection).await?;
        (latest.run_id != run.run_id).then_some(())
    })
    .await?;
    let resumed = tenant.ended_run(connection).await?;
    let words = format!("it resumes and ends {}", resumed.state().as_str_name());
    verdict.expect(resumed.state() != RunState::Failed, words);
    verdict.expect_same("mirror", &compare(&deployment, connection).await?);
    let once_more = tenant.run(connection, RunKind::Full).await?;
    verdict.expect(
        once_more.state() != RunState::Failed,
        "runs can be asked for again",
    );
    Ok(verdict)
}
