//! Row 1.

use std::time::Duration;

use anyhow::Result;
use harken_contracts::wire::scoring::v1::GetScoreRequest;
use harken_contracts::wire::vault::v1::GetConnectionRequest;
use harken_domain::CustomerId;
use tokio::time::{Instant, sleep};

use super::{Scale, Verdict};
use crate::deployment::{Deployment, SERVICES, Tenant, Workspace};
use crate::ledger::audit;
use crate::traffic::{Pace, Poster, Story, Traffic, request};
use crate::until;

const RECOVERED_WITHIN: Duration = Duration::from_secs(5);
const BETWEEN_KILLS: Duration = Duration::from_secs(1);

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 1").await?;
    let probed = deployment.tenant().open_workspace("row 1, probe").await?;
    let pace = Pace {
        per_sec: scale.pick(25, 50, 200),
        senders: 16,
    };
    let story = Story::of(&workspace, 1);
    let traffic = Traffic::begin(deployment.edge(), &workspace, story, pace);
    let mut probe = Story::of(&probed, 2);
    for round in 0..scale.pick(1, 1, 5) {
        for name in SERVICES {
            sleep(BETWEEN_KILLS).await;
            let service = deployment.service(name);
            service.kill().await?;
            let killed_at = Instant::now();
            service.launch()?;
            works_again(deployment, name, &probed, &mut probe).await?;
            let what = format!("{name} back (round {}) after", round + 1);
            verdict.expect_within(killed_at.elapsed(), RECOVERED_WITHIN, &what);
        }
    }
    let (ledger, truth) = traffic.end().await?;
    verdict.expect_sound(&audit(deployment, &workspace, &ledger, &truth).await?);
    let broken = ledger
        .all_attempts()
        .filter(|attempt| !attempt.is_success());
    verdict.expect(true, format!("{} sendings repeated", broken.count()));
    Ok(verdict)
}

/// Waits until a new customer's first conversation has become a score that can be read, and the service answers.
async fn works_again(
    deployment: &mut Deployment,
    name: &str,
    probed: &Workspace,
    story: &mut Story,
) -> Result<()> {
    let edge = deployment.edge();
    let mut poster = Poster::new(edge);
    let contact = story.contact_appears();
    let conversation = story.conversation_of(&contact.record.external_id);
    for notification in [&contact, &conversation] {
        let bytes = request(&probed.path(), &probed.secret, &notification.body);
        until("the probe is taken", async || {
            let answer = poster.send(&bytes).await.0.ok()?;
            answer.is_success().then_some(())
        })
        .await?;
    }
    let tenant = deployment.tenant().clone();
    scored(&tenant, probed, &contact.record.external_id).await?;
    match name {
        "vault" => {
            let request = GetConnectionRequest {
                connection_id: probed.connection.to_string(),
            };
            until("the vault answers", async || {
                tenant.vault().get_connection(request.clone()).await.ok()
            })
            .await?;
            Ok(())
        }
        _ => deployment.service(name).ready().await,
    }
}

/// Waits until the customer's score can be read.
async fn scored(tenant: &Tenant, workspace: &Workspace, contact: &str) -> Result<()> {
    let connection = workspace.connection.as_uuid();
    let customer = CustomerId::derive(&[connection.as_bytes(), contact.as_bytes()]);
    let request = GetScoreRequest {
        customer_id: customer.to_string(),
    };
    until("the probe's score can be read", async || {
        let score = tenant.scoring().get_score(request.clone()).await.ok()?;
        score.into_inner().points.map(drop)
    })
    .await
}
