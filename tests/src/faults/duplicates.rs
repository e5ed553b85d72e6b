//! Row 6.

use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream;
use harken_contracts::subjects::Stream;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::sleep;

use super::{Scale, Verdict};
use crate::deployment::{Deployment, Workspace};
use crate::ledger::{Changes, Ledger, audit, untraced};
use crate::traffic::{Story, post_all};

const SENDERS: u32 = 16;
/// As often as a notification comes at most.
const TIMES: usize = 50;
/// The shortest window that the server permits is a tenth of this.
const WINDOW: Duration = Duration::from_secs(1);

pub(super) async fn run(deployment: &mut Deployment, scale: Scale) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    let workspace = deployment.tenant().open_workspace("row 6").await?;
    let mut story = Story::of(&workspace, rand::random());
    let mut ledger = Ledger::default();
    for _ in 0..scale.pick(60, 200, 2_000) {
        ledger.open(story.tell());
    }
    let mut random = SmallRng::seed_from_u64(rand::random());
    let mut places = Vec::new();
    for place in 0..ledger.entries().len() {
        places.extend(std::iter::repeat_n(place, random.random_range(1..=TIMES)));
    }
    places.shuffle(&mut random);
    let once: Vec<usize> = (0..ledger.entries().len()).collect();

    let inside = places.len();
    ledger = post_all(deployment.edge(), &workspace, ledger, places, SENDERS).await?;
    all_traced(deployment, &workspace, &ledger).await?;
    let told = Changes::read(deployment, workspace.connection).await?.len();
    let stored = stored(deployment).await?;
    verdict.expect(
        true,
        format!("{} notifications sent {inside} times", once.len()),
    );

    for name in ["ingress", "sync"] {
        let service = deployment.service(name);
        service.kill().await?;
        service.launch()?;
        service.ready().await?;
    }
    deployment.nats.kill().await?;
    deployment.nats.start().await?;
    ledger = post_all(deployment.edge(), &workspace, ledger, once.clone(), SENDERS).await?;

    forget_what_came(deployment).await?;
    ledger = post_all(deployment.edge(), &workspace, ledger, once, SENDERS).await?;
    let again = self::stored(deployment).await? - stored;
    verdict.expect(
        again >= ledger.entries().len() as u64,
        format!("{again} of them on the stream again, past its window"),
    );

    let audit = audit(deployment, &workspace, &ledger, story.truth()).await?;
    verdict.expect_sound(&audit);
    let now = Changes::read(deployment, workspace.connection).await?.len();
    verdict.expect(
        now == told,
        format!("{told} changes told, {} more by repetition", now - told),
    );
    Ok(verdict)
}

async fn all_traced(deployment: &Deployment, workspace: &Workspace, ledger: &Ledger) -> Result<()> {
    let entries = ledger.entries().iter();
    let ids: Vec<&str> = entries
        .map(|entry| entry.notification.id.as_str())
        .collect();
    untraced(deployment.tenant(), workspace.connection, &ids).await?;
    Ok(())
}

/// Messages that the stream of notifications ever stored.
async fn stored(deployment: &Deployment) -> Result<u64> {
    let mut stream = webhooks(deployment).await?;
    Ok(stream.info().await?.state.last_sequence)
}

/// Makes the stream forget the ids of what it stored, as time would.
async fn forget_what_came(deployment: &Deployment) -> Result<()> {
    let mut stream = webhooks(deployment).await?;
    let mut config = stream.info().await?.config.clone();
    config.duplicate_window = WINDOW;
    jetstream(deployment).await?.update_stream(config).await?;
    sleep(WINDOW * 2).await;
    Ok(())
}

async fn webhooks(deployment: &Deployment) -> Result<jetstream::stream::Stream> {
    let jetstream = jetstream(deployment).await?;
    jetstream
        .get_stream(Stream::Webhook.name())
        .await
        .context("there is no stream of notifications")
}

async fn jetstream(deployment: &Deployment) -> Result<jetstream::Context> {
    Ok(jetstream::new(deployment.nats.nats_client().await?))
}
