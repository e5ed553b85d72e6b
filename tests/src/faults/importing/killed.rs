//! Row 17.

use anyhow::Result;
use harken_contracts::wire::sync::v1::{Run, RunState, RunTrigger};
use harken_domain::ConnectionId;

use super::{compare, flags};
use crate::deployment::Deployment;
use crate::faults::{Scale, Verdict};
use crate::intercom::{Held, Told};
use crate::ledger::Changes;

/// So that others take over soon.
const SETTINGS: [(&str, &str); 2] = [
    ("HARKEN_SYNC_LEASE_SECS", "1"),
    ("HARKEN_SYNC_IN_FLIGHT", "4"),
];
/// Requests of a run before its first conversation, at least.
const LISTS: u64 = 8;

pub(in crate::faults) async fn run(scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let kills = scale.pick(8, 50, 200);
    let workspace = flags(&[
        ("contacts", 150),
        ("conversations", kills * 40),
        ("latency-ms", 30),
        ("rate-per-minute", 0),
    ]);
    let mut deployment = Deployment::open_beside(&workspace, &SETTINGS).await?;
    let wanted = Told::read(deployment.intercom()?).await?;
    let wanted = wanted.wanted_conversation_ids().len() as u64;
    let connection = deployment.tenant().connect().await?;
    let first = deployment.intercom()?.requests().await?;
    let most_between = 2 * (wanted + LISTS) / u64::from(kills + 2);
    let mut met = 0;
    for _ in 0..kills {
        let asked = deployment.intercom()?.requests().await?;
        let at = asked + rand::random_range(1..=most_between.max(1));
        if !reached(&deployment, connection, at).await? {
            break;
        }
        let service = deployment.service("sync");
        service.kill().await?;
        service.launch()?;
        service.ready().await?;
        met += 1;
    }
    let run = deployment.tenant().ended_run(connection).await?;
    let requests = deployment.intercom()?.requests().await? - first;
    verdict.expect(
        met == kills && run.trigger() == RunTrigger::Connected,
        format!("{met} of {kills} kills met the first run and its {requests} requests"),
    );
    let state = run.state();
    let has_ended_well = matches!(state, RunState::Complete | RunState::CompleteWithGaps);
    verdict.expect(has_ended_well, format!("it ended {}", state.as_str_name()));
    verdict.expect_same("mirror", &compare(&deployment, connection).await?);
    let held = deployment.tenant().held(connection).await?;
    counts(&mut verdict, &run, &held);
    let changes = Changes::read(&deployment, connection).await?;
    let repeated = changes.repeated();
    let words = format!(
        "{} of {} records told more than once {:?}",
        repeated.len(),
        changes.len(),
        repeated.first()
    );
    verdict.expect(repeated.is_empty(), words);
    Ok(verdict)
}

/// Waits until Intercom was asked so often; false if the run ended before.
async fn reached(deployment: &Deployment, connection: ConnectionId, at: u64) -> Result<bool> {
    let (tenant, intercom) = (deployment.tenant(), deployment.intercom()?);
    crate::until("the next kill is due", async || {
        if intercom.requests().await.ok()? >= at {
            return Some(true);
        }
        let ended = tenant.latest_run(connection).await?.ended_at;
        ended.is_some().then_some(false)
    })
    .await
}

/// What was read before a kill and what was read after it add up to what is there.
fn counts(verdict: &mut Verdict, run: &Run, held: &Held) {
    let (customers, others) = held.contact_counts();
    let of = |kind: &str| {
        let counts = run.counts.iter().find(|counts| counts.kind == kind);
        counts.cloned().unwrap_or_default()
    };
    let (contacts, conversations, parts) = (of("contacts"), of("conversations"), of("parts"));
    for (what, counted, there) in [
        ("customers written", contacts.written, customers),
        ("other contacts skipped", contacts.skipped, others),
        (
            "conversations written",
            conversations.written,
            held.conversation_count(),
        ),
        ("parts written", parts.written, held.part_count()),
    ] {
        let is_right = counted == there as u64;
        verdict.expect(
            is_right,
            format!("{what}: {counted} counted, {there} there"),
        );
    }
}
