//! What a run over the little that changed asks Intercom for.

use anyhow::{Context as _, Result, ensure};
use harken_contracts::wire::sync::v1::{RunKind, RunState};
use serde_json::json;

use crate::Measured;
use crate::cluster::Cluster;
use crate::measurement::{Goal, Measurement, Unit};
use crate::report::complain;
use crate::workspace::run_secs;

const CONTACTS: usize = 100;
const CONVERSATIONS: usize = 50;
/// Requests besides the fetch of each conversation that changed.
const MOST_REQUESTS: f64 = 60.0;

pub(crate) async fn measure() -> Measured {
    complain("incremental");
    let cluster = Cluster::open(&["--contacts", "1500", "--conversations", "600"]).await?;
    let tenant = cluster.deployment.tenant();
    let connection = tenant.connect().await?;
    tenant.ended_run(connection).await?;
    tenant.repaired(connection).await?;
    change(&cluster).await?;
    cluster.intercom.forget_what_was_asked().await?;
    let run = tenant.run(connection, RunKind::Incremental).await?;
    ensure!(run.state() != RunState::Failed, "it failed: {}", run.reason);
    let asked = cluster.intercom.asked().await?;
    let fetched = asked.fetches();
    ensure!(
        fetched >= CONVERSATIONS as u64,
        "{fetched} conversations were fetched"
    );
    let mut said = Measurement::default();
    said.hold(
        "requests besides the conversations' own",
        (
            (asked.requests - fetched) as f64,
            Goal::AtMost(MOST_REQUESTS),
        ),
        Unit::Count,
        format!("{CONTACTS} contacts and {CONVERSATIONS} conversations changed; {fetched} fetched"),
    );
    said.say(
        "from start to end of the run",
        run_secs(&run)?,
        Unit::Secs,
        "",
    );
    Ok(said)
}

/// Renames contacts and writes in conversations.
async fn change(cluster: &Cluster) -> Result<()> {
    let control = cluster.deployment.intercom()?;
    let contacts = cluster.intercom.ids("contacts").await?;
    let conversations = cluster.intercom.ids("conversations").await?;
    ensure!(contacts.len() >= CONTACTS && conversations.len() >= CONVERSATIONS);
    for id in contacts.iter().take(CONTACTS) {
        let update = json!({ "what": "update", "name": "Another name" });
        let told = control.tell(&format!("contacts/{id}"), &update).await;
        told.context("a contact was not renamed")?;
    }
    for id in conversations.iter().rev().take(CONVERSATIONS) {
        let reply = json!({ "what": "customer_reply", "text": "One more thing." });
        let told = control.tell(&format!("conversations/{id}"), &reply).await;
        told.context("nobody wrote")?;
    }
    Ok(())
}
