//! Row 20.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use harken_contracts::wire::sync::v1::{
    Drift, DriftCause, DriftCount, GetDriftRequest, RunKind, RunState,
};
use harken_domain::ConnectionId;
use serde_json::json;

use super::changing::{listen, settled};
use super::{compare, flags};
use crate::deployment::Deployment;
use crate::faults::{Scale, Verdict};
use crate::intercom::{Sent, Told};

/// So that what was just dropped counts as not told.
const SETTINGS: [(&str, &str); 1] = [("HARKEN_SYNC_DRIFT_GRACE_SECS", "0")];
/// Topics after whose loss the mirror still holds what is gone.
const ENDS: [&str; 2] = ["conversation.deleted", "contact.deleted"];

pub(in crate::faults) async fn run(scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = flags(&[
        ("contacts", scale.pick(200, 1000, 5000)),
        ("conversations", scale.pick(600, 3000, 20_000)),
        ("rate-per-minute", 0),
    ]);
    let deployment = Deployment::open_beside(&workspace, &SETTINGS).await?;
    let (tenant, intercom) = (deployment.tenant(), deployment.intercom()?);
    let connection = tenant.connect().await?;
    tenant.ended_run(connection).await?;
    let share = f64::from(scale.pick(10, 1, 1)) / 100.0;
    listen(&deployment, connection, share).await?;
    let before = drift(&deployment, connection).await?;
    each_record_changes_once(&deployment).await?;
    settled(&deployment, connection).await?;

    let sent = intercom.sent().await?;
    let lost: Vec<&Sent> = sent.iter().filter(|sent| sent.is_lost()).collect();
    let words = format!("{} of {} notifications dropped", lost.len(), sent.len());
    verdict.expect(!lost.is_empty(), words);
    let run = tenant.run(connection, RunKind::Incremental).await?;
    settled(&deployment, connection).await?;
    let words = format!("one incremental run ended {}", run.state().as_str_name());
    verdict.expect(run.state() != RunState::Failed, words);
    verdict.expect_same("mirror", &compare(&deployment, connection).await?);

    let after = drift(&deployment, connection).await?;
    let corrected = |cause: DriftCause| {
        let of = |drift: &BTreeMap<DriftCause, u64>| drift.get(&cause).copied().unwrap_or_default();
        of(&after) - of(&before)
    };
    for (what, cause, topics_of_it) in [
        ("gone", DriftCause::Gone, true),
        ("stale", DriftCause::Stale, false),
    ] {
        let dropped: BTreeSet<&str> = lost
            .iter()
            .filter(|sent| ENDS.contains(&sent.topic.as_str()) == topics_of_it)
            .map(|sent| sent.about.as_str())
            .collect();
        let (found, dropped) = (corrected(cause), dropped.len() as u64);
        let words = format!("drift {what}: {found}, dropped {dropped}");
        verdict.expect(found == dropped, words);
    }
    let missing = corrected(DriftCause::Missing);
    verdict.expect(missing == 0, format!("drift missing: {missing}, dropped 0"));
    Ok(verdict)
}

/// Each by one notification, so that each that is lost is one record that is wrong. What a teammate does leaves the
/// customer as it is.
async fn each_record_changes_once(deployment: &Deployment) -> Result<()> {
    let intercom = deployment.intercom()?;
    let told = Told::read(intercom).await?;
    for (place, id) in told.wanted_conversation_ids().iter().enumerate() {
        let about = format!("conversations/{id}");
        match place % 4 {
            0 => {
                intercom
                    .tell(&format!("{about}/delete"), &json!({}))
                    .await?;
            }
            1 => intercom.tell(&about, &json!({ "what": "note" })).await?,
            2 => {
                let level = json!({ "what": "priority", "priority": "urgent" });
                intercom.tell(&about, &level).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn drift(
    deployment: &Deployment,
    connection: ConnectionId,
) -> Result<BTreeMap<DriftCause, u64>> {
    let request = GetDriftRequest {
        connection_id: connection.to_string(),
        days: 1,
    };
    let mut sync = deployment.tenant().sync();
    let Drift { causes, .. } = sync.get_drift(request).await?.into_inner();
    let by_cause = causes.iter();
    Ok(by_cause
        .map(|count: &DriftCount| (count.cause(), count.count))
        .collect())
}
